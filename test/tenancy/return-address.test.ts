import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createBrowserOrigins } from '../../src/tenancy/browser-origins.ts'
import { returnAddress } from '../../src/tenancy/return-address.ts'
import { createTestApp } from '../app.ts'

const { app, data, a } = await createTestApp(t)
const allowed = 'https://app.site-a.example'
const db = data.open({ max: 1 }).forTenant(a.id)
const tenant = { id: a.id, slug: a.slug, kind: 'site', status: 'active', version: 1, hosts: [a.host], canonicalHost: a.host } as const
const { config } = app
const server = { config, browserOrigins: createBrowserOrigins(config.publicOrigin) }
const request = { server, tenant, db } as unknown as FastifyRequest
const find = (wish: string | undefined) => returnAddress(request, wish)

t.test('a path of the site, and pages of its own and its listed origins, are where one may be sent', async (t) => {
  t.equal(await find('/account/profile?a=1#b'), '/account/profile?a=1#b')
  t.equal(await find('/a/../b'), '/b', 'as it was understood')
  t.equal(await find('https://site-a.example/x'), 'https://site-a.example/x')
  t.equal(await find(`${allowed}/after?x=%0d%0a`), `${allowed}/after?x=%0d%0a`, 'an encoded line end stays one')
})

t.test('every other wish is dropped', async (t) => {
  const wishes = [
    undefined,
    '',
    '//evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '/%2E%2e//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https://evil.example',
    'https://site-b.example/',
    'http://app.site-a.example/',
    `${allowed}.evil.example/`,
    `${allowed}:8443/`,
    `${allowed}@evil.example/`,
    'https://user:word@app.site-a.example/',
    'https://user@app.site-a.example/',
    'https://app.site-a.example\\@evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'account',
    '?x',
    ' /account',
    '/account\r\nset-cookie: a=b',
    '/account\u0000',
    `/${'x'.repeat(2_000)}`,
    'null',
    'blob:https://app.site-a.example/x',
  ]
  for (const wish of wishes) t.equal(await find(wish), undefined, JSON.stringify(wish))
})
