import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadResolvers } from '../../src/tenancy/resolvers/load-resolvers.ts'
import { createTestApp } from '../app.ts'

const folder = await mkdtemp(join(tmpdir(), 'tenantry-resolver-'))

/** Path of a module with this text. */
async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const own = `export default ({ baseDomain }) => ({
  name: 'brand-header',
  locate: ({ headers }) => (headers['x-brand'] ? { host: headers['x-brand'] + '.' + baseDomain } : undefined),
})`

const tenancy = { resolvers: [], baseDomain: 'example', apiHosts: [], headerTrusted: false }

t.test('a module of one’s own resolves, beside a built-in resolver and with the same configuration', async (t) => {
  const path = await moduleOf('own.mjs', own)
  const { app } = await createTestApp(t, { env: { TENANT_RESOLVERS: `host,${path}`, TENANT_BASE_DOMAIN: 'example' } })
  const ask = async (headers: Record<string, string>) => (await app.inject({ url: '/v1/site', headers })).json()
  t.equal((await ask({ host: 'hub.example', 'x-brand': 'site-b' })).slug, 'site-b')
  t.equal((await ask({ host: 'site-a.example' })).slug, 'site-a')
  t.equal((await ask({ host: 'site-a.example', 'x-brand': 'site-b' })).code, 'TENANT_AMBIGUOUS')
})

t.test('a resolver that throws answers 500 INTERNAL and names no site', async (t) => {
  const path = await moduleOf('throwing.mjs', `export default () => ({ name: 'broken', locate() { throw new Error('secret detail') } })`)
  const { app } = await createTestApp(t, { env: { TENANT_RESOLVERS: `host,${path}` } })
  const answer = await app.inject({ url: '/v1/site', headers: { host: 'site-a.example' } })
  t.equal(answer.statusCode, 500)
  t.equal(answer.json().code, 'INTERNAL')
  t.notMatch(answer.body, /secret detail/)
})

t.test('a module that is missing or broken stops the start, and the message names the variable and the module', async (t) => {
  const faults: [string, RegExp][] = [
    [
      join(folder, 'missing.mjs'),
      /TENANT_RESOLVERS names .*missing\.mjs, which is neither host, subdomain, origin, path, header, token nor a module/,
    ],
    [await moduleOf('syntax.mjs', 'export default ('), /TENANT_RESOLVERS names .*syntax\.mjs, which is neither/],
    [await moduleOf('empty.mjs', 'export const other = 1'), /TENANT_RESOLVERS names .*empty\.mjs, whose default export is no function/],
    [await moduleOf('object.mjs', 'export default { name: "x" }'), /object\.mjs, whose default export is no function/],
    [await moduleOf('nothing.mjs', 'export default () => undefined'), /nothing\.mjs, whose function makes no \{ name, locate \}/],
    [await moduleOf('nameless.mjs', 'export default () => ({ locate() {} })'), /nameless\.mjs, whose function makes no/],
    ['hots', /TENANT_RESOLVERS names hots, which is neither/],
    ['constructor', /TENANT_RESOLVERS names constructor, which is neither/],
  ]
  for (const [path, message] of faults) await t.rejects(loadResolvers({ ...tenancy, resolvers: ['host', path] }), { message }, path)
})

t.test('a relative path counts from the working directory', async (t) => {
  const [resolver] = await loadResolvers({ ...tenancy, resolvers: ['test/tenancy/../../src/tenancy/resolvers/host.ts'] }).catch((error) => [error])
  t.match(resolver, { message: /default export is no function/ }, 'it was found and loaded')
})
