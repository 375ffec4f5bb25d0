import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { root, sourceFiles } from './import-graph.ts'

const longest = 250

/** Lists of things rather than code: splitting them would only hide the next line. */
const catalogues = [
  /^src\/errors\.ts$/,
  /^src\/content\/site-templates\/[\w-]+\.ts$/,
  /^src\/mail\/templates\/texts\/\w+\.ts$/,
  /^src\/auth\/pages\/words\/\w+\.ts$/,
]

interface Rule {
  what: string
  banned: RegExp
  /** Files that may all the same. */
  except?: RegExp
}

const rules: readonly Rule[] = [
  { what: 'SQL is a tagged template, never text', banned: /\$(?:query|execute)RawUnsafe\b/ },
  { what: 'no any', banned: /(?::|\bas|<|\|)\s*any\b(?!\w|')/ },
  { what: 'no assertion by way of unknown', banned: /\bas unknown as\b/ },
  { what: 'no assertion that a value is there', banned: /[\w)\]]!(?=[.,;)\][]|$)/m },
  {
    what: 'no enum, namespace or parameter property',
    banned: /^\s*(?:export )?(?:const )?(?:enum|namespace)\s|constructor\((?:private|public|protected|readonly)\b/m,
  },
  { what: 'no suppressed check', banned: /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/ },
  {
    what: 'only processes read the environment',
    banned: /\bprocess\.env\b/,
    except: /^src\/(server|worker|cli)\.ts$|^src\/launch\.mjs$|^src\/embedded\//,
  },
  {
    what: 'a limit that nobody waits for limits nothing',
    banned:
      /^\s*(?:(?:count(?:Proof|Mail|AccountRequest)\w*|refuseWhileLocked|recordEvent|enqueueMail)\(|(?:\w+\.)+(?:takeBack|failedSignIns\.(?:fail|clear))\()/m,
  },
]

test('source files are short enough to read', async (t) => {
  for (const file of await sourceFiles()) {
    if (catalogues.some((pattern) => pattern.test(file))) continue
    const lines = (await readFile(join(root, file), 'utf8')).split('\n').length - 1
    if (lines > longest) t.fail(`${file} has ${lines} lines: split it`)
  }
  t.pass('all have been looked at')
})

test('source files are free of what the house does without', async (t) => {
  const files = await sourceFiles()
  t.ok(files.length > 50, 'there are files to look at')
  for (const file of files) {
    const code = withoutComments(await readFile(join(root, file), 'utf8'))
    for (const { what, banned, except } of rules) {
      if (!except?.test(file) && banned.test(code)) t.fail(`${file}: ${what} (${banned.exec(code)?.[0].trim()})`)
    }
  }
})

const bad: Record<string, string> = {
  'SQL is a tagged template, never text': 'await db.$queryRawUnsafe(text)',
  'no any': 'const a = b as any',
  'no assertion by way of unknown': 'const a = b as unknown as C',
  'no assertion that a value is there': 'const a = b!.c',
  'no enum, namespace or parameter property': 'export enum Colour { red }',
  'no suppressed check': '// @ts-expect-error',
  'only processes read the environment': 'const a = process.env.HOME',
  'a limit that nobody waits for limits nothing': '  countProof(request)\n',
}

test('each rule can be broken', (t) => {
  for (const { what, banned } of rules) t.match(bad[what], banned, what)
  const fine = 'if (a !== b && !c) return !d; const any = list.some((x) => x != null); type A = Record<string, unknown>'
  for (const { what, banned } of rules) t.notMatch(fine, banned, `${what}: nothing wrong here`)
  t.equal(withoutComments('/* as any */ a // b as any\n"http://x"'), ' a \n"http://x"', 'comments may say it')
  t.end()
})

/** Roughly: what follows two slashes, unless a colon comes before them as in an address. Directives stay: they act. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<!:)\/\/(?!\s*(?:@ts-|biome-ignore)).*$/gm, '')
}
