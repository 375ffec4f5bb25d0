import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { createTestApp } from '../app.ts'
import { root } from '../house/import-graph.ts'

interface Example {
  method: string
  path: string
  body: unknown
}

/** The calls that docs/mail.md shows. */
function examplesOf(guide: string): Example[] {
  const shell = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = '']) => text).join('\n')
  return shell
    .split(/\bcurl /)
    .slice(1)
    .map((command) => {
      const [, path = ''] = /"\$site([^"?]+)[^"]*"/.exec(command) ?? []
      const json = /-d '([^']+)'/.exec(command)?.[1]
      const method = /-X (\w+)/.exec(command)?.[1] ?? (json ? 'POST' : 'GET')
      return { method: method.toLowerCase(), path, body: json === undefined ? undefined : JSON.parse(json) }
    })
}

const { app } = await createTestApp(t)
const { paths }: { paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: object }> } }>> } = (
  await app.inject({ url: '/openapi.json', headers: { host: 'site-a.example' } })
).json()

function operationOf({ method, path }: Example) {
  const parts = path.split('/')
  const fits = (pattern: string) => {
    const wanted = pattern.split('/')
    return wanted.length === parts.length && wanted.every((part, at) => part === parts[at] || part.startsWith('{'))
  }
  const found = Object.keys(paths).filter((pattern) => fits(pattern) && paths[pattern]?.[method])
  const exact = found.find((pattern) => pattern === path) ?? found[0]
  return exact ? paths[exact]?.[method] : undefined
}

t.test('every call that docs/mail.md shows exists, and takes the body that is shown', async (t) => {
  const examples = examplesOf(await readFile(join(root, 'docs/mail.md'), 'utf8'))
  t.ok(examples.length >= 14, `${examples.length} examples`)
  for (const example of examples) {
    const operation = operationOf(example)
    const schema = operation?.requestBody?.content['application/json']?.schema
    const name = `${example.method} ${example.path}`
    t.ok(operation, name)
    t.equal(example.body !== undefined, schema !== undefined, `${name}: with a body or without`)
    if (schema) t.ok(Compile(schema).Check(example.body), `${name}: the body`)
  }
})

t.test('an example that is wrong is noticed', async (t) => {
  const [example] = examplesOf('```sh\ncurl -X PUT "$site/v1/mail-acount" -d \'{ "a": 1 }\'\n```\n')
  t.strictSame(example, { method: 'put', path: '/v1/mail-acount', body: { a: 1 } })
  t.notOk(example && operationOf(example))
})
