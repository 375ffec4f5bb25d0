import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { root } from '../house/import-graph.ts'

const files = (await Array.fromAsync(glob('.github/workflows/*.yml', { cwd: root }))).sort()
const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const))

test('actions are pinned by SHA, rights are least, and every job ends some time', (t) => {
  for (const [file, text] of texts) {
    for (const [line] of text.matchAll(/uses: .*/g)) t.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`)
    const { permissions, jobs } = parse(text)
    t.same(permissions, { contents: 'read' }, file)
    for (const [name, job] of Object.entries<{ 'timeout-minutes'?: number }>(jobs)) t.ok(job['timeout-minutes'], `${file}: ${name}`)
    t.equal(text.match(/actions\/checkout@/g)?.length, text.match(/persist-credentials: false/g)?.length, `${file} leaves no token behind`)
  }
  t.end()
})

test('every secret and variable of the workflows is in docs/github-actions.md, and none else', async (t) => {
  const used = new Set(texts.flatMap(([, text]) => [...text.matchAll(/\b(secrets|vars)\.(\w+)/g)].map(([, kind, name]) => `${name} ${kind}`)))
  const page = await readFile(join(root, 'docs/github-actions.md'), 'utf8')
  const told = [...page.matchAll(/^\| `(\w+)` \| (secret|variable) \|/gm)].map(
    ([, name, kind]) => `${name} ${kind === 'secret' ? 'secrets' : 'vars'}`,
  )
  t.same(told.sort(), [...used].sort())
})
