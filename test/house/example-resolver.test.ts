import { test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { loadResolvers } from '../../src/tenancy/resolvers/load-resolvers.ts'

const example = './docs/examples/office-resolver.ts'

test('the resolver that docs/architecture.md shows loads and locates', async (t) => {
  const { tenancy } = loadConfig({ TENANT_RESOLVERS: `host,${example}` })
  const [host, own] = await loadResolvers(tenancy)
  t.equal(host?.name, 'host')
  t.equal(own?.name, 'office')
  const locate = (office?: string) => own?.locate({ host: 'api.example', headers: { 'x-client-office': office }, pathSlug: undefined })
  t.strictSame(locate('17'), { slug: 'office-17' })
  t.equal(locate(), undefined, 'a request without the header names no site this way')
  t.equal(locate('17; drop'), undefined, 'nor does one with another text in it')
})
