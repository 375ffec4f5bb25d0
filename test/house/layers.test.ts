import { test } from 'tap'
import { danglingImports, type ImportGraph, importCycles, importsOf, layerBreaches, readImportGraph } from './import-graph.ts'

test('every import of src and plugins keeps to the layers', async (t) => {
  const graph = await readImportGraph()
  t.ok((graph.get('src/app.ts')?.length ?? 0) > 20, 'the graph holds the imports of src/app.ts')
  t.ok(graph.get('src/server.ts')?.includes('src/embedded/environment.ts'), 'an import inside a function counts')
  t.strictSame(danglingImports(graph), [], 'every import leads somewhere')
  t.strictSame(layerBreaches(graph), [], 'no import breaks a layer')
  t.strictSame(importCycles(graph), [], 'no file imports itself by a detour')
})

const forbidden: Record<string, [from: string, to: string]> = {
  'an area that imports another area': ['src/content/routes.ts', 'src/auth/sessions/standing.ts'],
  'a layer that imports one above it': ['src/db/client.ts', 'src/tenancy/directory.ts'],
  'security that imports the database': ['src/security/secret-box.ts', 'src/db/client.ts'],
  'a leaf that imports another leaf': ['src/errors.ts', 'src/config.ts'],
  'jobs that import the audit log': ['src/jobs/enqueue.ts', 'src/audit/record.ts'],
  'an area that imports the app': ['src/mail/send.ts', 'src/app.ts'],
  'an area that imports a plugin': ['src/auth/sign-in/sign-in.ts', 'plugins/session.ts'],
  'a process that imports a plugin': ['src/server.ts', 'plugins/session.ts'],
  'the app that imports a process': ['src/app.ts', 'src/start-service.ts'],
  'the app that imports the embedded database': ['src/app.ts', 'src/embedded/postgres.ts'],
  'an area that imports the seed': ['src/content/entry.ts', 'prisma/seed.ts'],
  'a plugin that imports another plugin': ['plugins/cors.ts', 'plugins/tenant.ts'],
  'a plugin that imports the app': ['plugins/session.ts', 'src/app.ts'],
  'a plugin that imports a flow': ['plugins/session.ts', 'src/auth/sign-in/sign-in.ts'],
  'a plugin that imports the seed': ['plugins/session.ts', 'prisma/seed.ts'],
  'a folder that no layer names': ['src/helpers/text.ts', 'src/errors.ts'],
}

test('each kind of breach is found', (t) => {
  for (const [what, [from, to]] of Object.entries(forbidden)) t.equal(layerBreaches(new Map([[from, [to]]])).length, 1, what)
  t.end()
})

test('what the layers allow is no breach', (t) => {
  const graph: ImportGraph = new Map([
    ['src/app.ts', ['plugins/session.ts', 'src/auth/routes.ts', 'src/errors.ts']],
    ['src/auth/routes.ts', ['src/auth/sign-in/sign-in.ts', 'src/tenancy/directory.ts', 'src/jobs/enqueue.ts']],
    ['plugins/session.ts', ['src/auth/sessions/standing.ts', 'src/config.ts']],
    ['src/embedded/demo.ts', ['prisma/seed.ts', 'src/start-service.ts']],
  ])
  t.strictSame(layerBreaches(graph), [])
  t.end()
})

test('a cycle is found, however long, and once', (t) => {
  const graph: ImportGraph = new Map([
    ['a.ts', ['b.ts', 'd.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['a.ts']],
    ['d.ts', ['c.ts']],
    ['e.ts', ['e.ts']],
  ])
  const cycles = importCycles(graph)
  t.ok(cycles.includes('a.ts → b.ts → c.ts → a.ts'))
  t.ok(cycles.includes('e.ts → e.ts'), 'a file that imports itself')
  t.strictSame(
    importCycles(
      new Map([
        ['a.ts', ['b.ts', 'c.ts']],
        ['b.ts', ['c.ts']],
      ]),
    ),
    [],
    'two ways to one file are no cycle',
  )
  t.end()
})

test('an import that leads nowhere is found', (t) => {
  t.equal(danglingImports(new Map([['src/app.ts', ['src/no-such-file.ts']]])).length, 1)
  t.end()
})

test('every form of import is read', (t) => {
  const source = `
import './bare.ts'
import type { A } from './types.ts'
import {
  b,
} from "../double.ts"
export { c } from './again.ts'
const late = await import('./late.ts')
import fastify from 'fastify'
`
  t.strictSame(importsOf('src/auth/x.ts', source), [
    'src/auth/again.ts',
    'src/auth/bare.ts',
    'src/auth/late.ts',
    'src/auth/types.ts',
    'src/double.ts',
  ])
  t.end()
})
