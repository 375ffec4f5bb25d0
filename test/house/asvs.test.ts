import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { createTestApp } from '../app.ts'
import { faultsOfTable, readRows } from './asvs.ts'
import { root } from './import-graph.ts'

const file = 'docs/security.md'
const document = await readFile(join(root, file), 'utf8')
const faultsOf = (changed: string) => faultsOfTable(changed, { root, file })

test('every requirement of ASVS V5, V6, V7, V9 and V8.4 is answered once, by a test that there is or by a reason', (t) => {
  t.same(faultsOf(document), [])
  t.ok(readRows(document).length > 60)
  t.end()
})

test('a row that is missing, doubled, strange, or proven by nothing is noticed', (t) => {
  const line = document.split('\n').find((one) => one.startsWith('| 9.1.1 |')) ?? ''
  const row = (answer: string, proof: string) => document.replace(line, `| 9.1.1 | signature | ${answer} | ${proof} |`)
  const proof = '`test/plugins/session.test.ts` “HS256 with the public key as its secret answers 401”'
  t.same(faultsOf(row('meets: by its signature', proof)), [], 'control')
  t.same(faultsOf(row('deviates: it is not looked at yet', '')), [], 'control')
  const broken: Record<string, string> = {
    '9.1.1 is there 0 times': document.replace(line, ''),
    '9.1.1 is there 2 times': `${document}\n${line}\n`,
    '9.9.9 is not asked for': `${document}\n${line.replace('9.1.1', '9.9.9')}\n`,
    '9.1.1 says neither meets, documented, deviates, n/a': row('by its signature', proof),
    '9.1.1: no test': row('meets: by its signature', ''),
    '9.1.1: no file test/plugins/sessions.test.ts': row('meets: by its signature', proof.replace('session.', 'sessions.')),
    '9.1.1: no file src/app.ts': row('meets: by its signature', '`src/app.ts` “HS256 with the public key as its secret answers 401”'),
    '9.1.1: no test “HS256 answers 401” in test/plugins/session.test.ts': row(
      'meets: by its signature',
      proof.replace('HS256 with the public key as its secret', 'HS256'),
    ),
    '9.1.1: no test “” in test/plugins/session.test.ts': row('meets: by its signature', '`test/plugins/session.test.ts`'),
    '9.1.1: what is "looked at by hand"': row('deviates: it is not looked at yet', 'looked at by hand'),
    '9.1.1: no place': row('documented: in the head of its author', ''),
    '9.1.1: no #no-such-heading': row('documented: [there](#no-such-heading)', ''),
    '9.1.1: no nowhere.md': row('documented: [there](nowhere.md)', ''),
    '9.1.1: no reason': row('n/a: no', ''),
  }
  for (const [fault, changed] of Object.entries(broken)) t.ok(faultsOf(changed).includes(fault), fault)
  t.end()
})

test('the ways in are those that the API answers an access token to, and no others', async (t) => {
  const { a, call } = await createTestApp(t)
  const { paths }: { paths: Record<string, Record<string, { responses?: object }>> } = (await call(a, { url: '/openapi.json' })).json()
  const answering = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { responses }]) => JSON.stringify(responses).includes('"accessToken"'))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
  const [, section = ''] = /^## Ways in\n(.+?)^## /ms.exec(document) ?? []
  const listed = [...section.matchAll(/^\| `([A-Z]+ [^`]+)` \|/gm)].map(([, operation = '']) => operation)
  t.ok(answering.includes('POST /v1/auth/sign-in'), 'control')
  t.same(listed.sort(), answering.sort())
})
