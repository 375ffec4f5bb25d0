import t from 'tap'
import { createTestApp } from '../app.ts'

interface Operation {
  operationId?: string
  responses?: Record<string, unknown>
  parameters?: { in: string; name: string; required?: boolean; schema: object }[]
}

interface Document {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

const { app, a, call } = await createTestApp(t)
const answer = await call(a, { url: '/openapi.json' })
const document: Document = answer.json()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ at: `${method} ${path}`, path, operation })),
)

t.test('GET /openapi.json is OpenAPI 3.1: 200', async (t) => {
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /^application\/json/)
  t.match(document.openapi, /^3\.1\.\d$/)
  t.ok(document.info.title && document.info.version)
})

t.test('every route of the contract is in it', async (t) => {
  const contract = [
    'get /v1/site',
    'get /v1/collections',
    'get /v1/collections/{collection}/entries',
    'get /v1/collections/{collection}/entries/{entry}',
    'post /v1/auth/sign-in',
    'post /v1/auth/refresh',
    'post /v1/auth/sign-out',
    'get /v1/me',
    'get /.well-known/jwks.json',
    'get /.well-known/openid-configuration',
    'get /healthz',
    'get /readyz',
  ]
  const listed = new Set(operations.map(({ at }) => at))
  for (const route of contract) t.ok(listed.has(route), route)
})

t.test('every route that is served is in it, but for pages', async (t) => {
  const leading = ['/brand', '/favicon.ico', '/apple-touch-icon.png', '/site.webmanifest']
  const pages = ['/openapi.json', '/docs', '/account', '/contact', '/sent', '/assets', ...leading]
  const parents: string[] = []
  const served: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', fragment] = /^(.*)(?:├──|└──) (\S+)/.exec(line) ?? []
    if (!fragment) continue
    const depth = indent.length / 4
    parents.splice(depth, parents.length, `${parents[depth - 1] ?? ''}${fragment}`)
    if (line.endsWith(')')) served.push(parents[depth] ?? '')
  }
  const listed = new Set(Object.keys(document.paths))
  const unlisted = served
    .filter((path) => path !== '/' && !path.includes('*') && !pages.some((page) => path === page || path.startsWith(`${page}/`)))
    .filter((path) => !listed.has(path.replace(/:(\w+)/g, '{$1}')))
  t.ok(served.includes('/v1/me') && served.includes('/account/signed-out'), 'the tree is read as whole paths')
  t.strictSame(unlisted, [])
})

t.test('each operation has an id of its own, declares its parameters and an answer for every status', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length)
  for (const { at, path, operation } of operations) {
    t.match(operation.operationId, /^[a-z][A-Za-z]+$/, at)
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
    t.same(declared.map(({ name }) => name).sort(), named.sort(), at)
    t.ok(
      declared.every(({ required }) => required),
      at,
    )
    t.ok(
      Object.keys(operation.responses ?? {}).every((status) => /^[2-5]\d\d$/.test(status)),
      at,
    )
    t.ok(
      Object.keys(operation.responses ?? {}).some((status) => status.startsWith('2')),
      at,
    )
  }
})

t.test('every reference leads somewhere', async (t) => {
  for (const [, pointer = ''] of answer.body.matchAll(/"\$ref":"#([^"]+)"/g)) {
    const target = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((part, key) => Reflect.get(Object(part), key), document)
    t.ok(target, pointer)
  }
})

t.test('GET /docs shows it on a page that its own policy lets through: 200', async (t) => {
  const bare = await call(a, { url: '/docs' })
  const page = bare.statusCode === 200 ? bare : await call(a, { url: new URL(String(bare.headers.location), `https://${a.host}/docs`).pathname })
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.headers['content-security-policy'], /script-src [^;]*'self'/)
  for (const [, asset = ''] of page.body.matchAll(/(?:src|href)="(\.?[^"]+\.(?:js|css|png))"/g)) {
    const { pathname } = new URL(asset, `https://${a.host}/docs/`)
    t.equal((await call(a, { url: pathname })).statusCode, 200, pathname)
  }
  const shown = await call(a, { url: '/docs/json' })
  t.same(shown.json(), document)
})

t.test('the documentation belongs to a site: an unknown host answers 404 TENANT_UNKNOWN', async (t) => {
  for (const url of ['/docs/', '/openapi.json', '/docs/static/index.html']) {
    t.equal((await app.inject({ url, headers: { host: 'nobody.example' } })).json().code, 'TENANT_UNKNOWN', url)
  }
})
