import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { compareDocument, generated, variables, withBlock, writeDocument } from './documents.ts'
import { root } from './import-graph.ts'

test('the documents that follow from the code are in step with it', async (t) => {
  for (const document of await generated()) {
    // `UPDATE_DOCS=1 npm test -- test/house/docs.test.ts` writes what has to stand there.
    if (process.env.UPDATE_DOCS === '1') await writeDocument(document)
    const { found, wanted } = await compareDocument(document)
    const name = document.block ? `block "${document.block}" of ${document.file}` : document.file
    if (found !== wanted) t.comment(`${name} has to be:\n${document.text}`)
    t.ok(found === wanted, `${name} says what the code does (UPDATE_DOCS=1 writes it)`)
  }
})

test('a block that is missing or out of step is noticed', (t) => {
  const page = 'before\n<!-- generated: x -->\nold\n<!-- end: x -->\nafter\n'
  t.equal(withBlock(page, 'x', 'new\n'), 'before\n<!-- generated: x -->\nnew\n<!-- end: x -->\nafter\n')
  t.equal(withBlock(page, 'x', 'old\n'), page, 'one in step stays as it is')
  t.not(withBlock('no marks', 'x', 'new\n'), 'no marks')
  t.end()
})

test('every variable says what it is', (t) => {
  t.ok(variables().length > 10)
  for (const { name, description } of variables()) t.ok(description.length > 10, name)
  t.end()
})

test('.env.example as it is makes a valid configuration, the default one', async (t) => {
  const lines = (await readFile(join(root, '.env.example'), 'utf8')).split('\n').filter((line) => line && !line.startsWith('#'))
  const env = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  t.strictSame(loadConfig(env), loadConfig({}))
})

test('links between the documents lead somewhere', async (t) => {
  const files = (await Array.fromAsync(glob('**/*.md', { cwd: root, exclude: (path) => /^(node_modules|\.data|\.tap)/.test(path) }))).sort()
  t.ok(files.includes('README.md') && files.includes('docs/security.md'), 'the documents are read')
  for (const file of files) {
    const text = (await readFile(join(root, file), 'utf8')).replace(/^```[\s\S]*?^```/gm, '')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)) {
      if (!existsSync(join(root, dirname(file), target))) t.fail(`${file} links to ${target}, which is not there`)
    }
  }
})
