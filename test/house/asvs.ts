import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What ASVS 5.0.0 asks for at levels 1 and 2 in V5, V6, V7, V9 and V8.4, and what of level 3 the table answers too. */
const required: Record<string, readonly number[]> = {
  '5.1': [1],
  '5.2': [1, 2, 3, 4, 6],
  '5.3': [1, 2],
  '5.4': [1, 2, 3],
  '6.1': [1, 2, 3],
  '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  '6.3': [1, 2, 3, 4, 5, 6, 7, 8],
  '6.4': [1, 2, 3, 4, 6],
  '6.5': [1, 2, 3, 4, 5, 6],
  '6.6': [1, 2, 3],
  '6.8': [1, 2, 3, 4],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
}
const requiredIds = Object.entries(required).flatMap(([section, numbers]) => numbers.map((number) => `${section}.${number}`))

export interface Row {
  id: string
  answer: string
  proof: string
}

/** `meets` has to name a test, `documented` a place; the others their reason. */
const kinds = ['meets', 'documented', 'deviates', 'n/a'] as const

/** Rows of the table: number, what is asked for, how it is answered, proof. */
export function readRows(document: string): Row[] {
  return [...document.matchAll(/^\| (\d+\.\d+\.\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(([, id = '', answer = '', proof = '']) => ({
    id,
    answer: answer.trim(),
    proof: proof.trim(),
  }))
}

/** Faults of the table in `file`, in words; none when all is well. */
export function faultsOfTable(document: string, { root, file }: { root: string; file: string }): string[] {
  const rows = readRows(document)
  const counted = requiredIds.flatMap((id) => {
    const { length } = rows.filter((row) => row.id === id)
    return length === 1 ? [] : [`${id} is there ${length} times`]
  })
  const strange = rows.filter(({ id }) => !requiredIds.includes(id)).map(({ id }) => `${id} is not asked for`)
  return [...counted, ...strange, ...rows.flatMap((row) => faultsOfRow(row, join(root, file), root))]
}

function faultsOfRow({ id, answer, proof }: Row, page: string, root: string): string[] {
  const kind = kinds.find((one) => answer.startsWith(`${one}: `))
  if (!kind) return [`${id} says neither ${kinds.join(', ')}`]
  const tests = testsIn(proof)
  const links = [...answer.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
  const faults = [...tests.flatMap((test) => faultOfTest(test, root)), ...links.filter((link) => !leads(link, page)).map((link) => `no ${link}`)]
  if (kind === 'meets' && tests.length === 0) faults.push('no test')
  if (kind === 'documented' && links.length === 0) faults.push('no place')
  if ((kind === 'deviates' || kind === 'n/a') && answer.length < 20) faults.push('no reason')
  // Whatever stands there is a test that was found, or it would look like one.
  if (proof.replace(/`[^`]+`|“[^”]+”|[,;\s]/g, '') !== '') faults.push(`what is "${proof}"`)
  return faults.map((fault) => `${id}: ${fault}`)
}

interface NamedTest {
  file: string
  title: string
}

/** `test/file.test.ts` “title”, “title”; `test/another.test.ts` “title”. A title is of the file before it; a file without one has an empty title. */
function testsIn(proof: string): NamedTest[] {
  const parts = [...proof.matchAll(/`([^`]*)`((?:[,\s]*“[^”]+”)*)/g)]
  return parts.flatMap(([, file = '', named = '']) => {
    const titles = [...named.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title)
    return (titles.length > 0 ? titles : ['']).map((title) => ({ file, title }))
  })
}

function faultOfTest({ file, title }: NamedTest, root: string): string[] {
  if (!/^test\/.+\.test\.ts$/.test(file) || !existsSync(join(root, file))) return [`no file ${file}`]
  const source = readFileSync(join(root, file), 'utf8')
  return titlesOf(source).has(title) ? [] : [`no test “${title}” in ${file}`]
}

/** Titles as they stand in the source: of tap's tests, and of those that run in both modes of the pool. */
function titlesOf(source: string): Set<string> {
  return new Set([...source.matchAll(/\b(?:test|inBothModes)\(\s*(['"`])(.+?)\1,/g)].map(([, , title = '']) => title))
}

/** Whether the file of a link is there, and the heading where it names one. */
function leads(link: string, page: string): boolean {
  const [path = '', heading] = link.split('#')
  const target = path ? join(dirname(page), path) : page
  if (!existsSync(target)) return false
  return heading === undefined || headingsOf(readFileSync(target, 'utf8')).includes(heading)
}

/** As GitHub names them. */
function headingsOf(document: string): string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}
