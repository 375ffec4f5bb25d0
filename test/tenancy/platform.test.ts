import t from 'tap'
import { asOwner, ensureTenant } from '../../src/tenancy/lifecycle.ts'
import { createTestApp } from '../app.ts'

t.test('the platform tenant answers on its own host and on no other', async (t) => {
  const { app, data, a } = await createTestApp(t)
  const id = await asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'console', kind: 'platform', hosts: ['console.example'] }))
  const db = data.open().forTenant(id)
  const colours = { primaryColor: '#1e293b', accentColor: '#0ea5e9', surfaceColor: '#f8fafc', textColor: '#0f172a' }
  const brand = { create: { shortName: 'Hub', tagline: 'Operators', ...colours } }
  await db.site.create({ data: { tenantId: id, name: 'The hub', locale: 'en', timeZone: 'UTC', brand } })
  const ask = async (host: string) => (await app.inject({ url: '/v1/site', headers: { host } })).json()
  t.equal((await ask('console.example')).name, 'The hub')
  t.equal((await ask('console.site-a.example')).code, 'TENANT_UNKNOWN')
  t.equal((await ask(a.host)).slug, a.slug)
})

t.test('there is one platform tenant at most', async (t) => {
  const { data } = await createTestApp(t)
  const platform = (slug: string) => asOwner(data.url, (owner) => ensureTenant(owner, { slug, kind: 'platform', hosts: [`${slug}.example`] }))
  const id = await platform('console')
  t.equal(await platform('console'), id, 'again')
  await t.rejects(platform('second'), { code: '23505', constraint: 'tenants_one_platform' })
})
