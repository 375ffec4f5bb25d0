import { createLocalJWKSet, importPKCS8, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { createSigningKeys, newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { createTestApp, type TestSite } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, claimsOf, outcome } from '../auth-calls.ts'

const { app, data, a, b, another } = await createTestApp(t)
const copy = await another()
const { open, me, send } = authCalls(app)
const box = createSecretBox(app.config.secretKeys)
const read = async (url: string) => (await send({ host: new URL(url).host }, { url: new URL(url).pathname })).json()

async function keySetOf(site: TestSite): Promise<JSONWebKeySet> {
  return (await send(site, { url: '/.well-known/jwks.json' })).json()
}

t.test('an independent JOSE library verifies a token from its issuer’s discovery document and JWKS alone', async (t) => {
  const { accessToken } = await open(a)
  const discovery = await read('https://site-a.example/.well-known/openid-configuration')
  t.equal(discovery.issuer, 'https://site-a.example')
  const keys = createLocalJWKSet(await read(discovery.jwks_uri))
  const { payload } = await jwtVerify(accessToken, keys, { issuer: discovery.issuer, audience: a.id, algorithms: ['ES256'] })
  t.equal(payload.sub, a.owner.id)
  const other = createLocalJWKSet(await read('https://site-b.example/.well-known/jwks.json'))
  await t.rejects(jwtVerify(accessToken, other), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'the other site’s keys verify nothing of it')
  const mine = await open(b)
  t.equal((await jwtVerify(mine.accessToken, other, { audience: b.id })).payload.sub, b.owner.id)
})

t.test('the JWKS answers 200, publicly kept for 300 s, with public members only', async (t) => {
  const answer = await send(a, { url: '/.well-known/jwks.json' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['cache-control'], /max-age=300\b/)
  for (const key of answer.json().keys) {
    t.same(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    t.match(key, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  }
  t.equal(answer.json().keys.length, 1)
})

t.test('discovery names addresses of this site’s canonical host only, also on an alias', async (t) => {
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified')`, [a.id])
  const onAlias = await read('https://alias.example/.well-known/openid-configuration')
  t.same(onAlias, await read('https://site-a.example/.well-known/openid-configuration'))
  for (const name of ['issuer', 'jwks_uri', 'token_endpoint', 'userinfo_endpoint'])
    t.equal(new URL(onAlias[name]).origin, 'https://site-a.example', name)
})

t.test('the private half is sealed at rest, and opens for its own tenant and column alone', async (t) => {
  const { rows } = await data.owner.query('select sealed_private, signing_keys::text as row from signing_keys where tenant_id = $1', [a.id])
  const [{ sealed_private: sealed, row }] = rows
  t.notMatch(row, /PRIVATE|"d"/)
  t.match(box.open(sealed, { tenantId: a.id, field: 'signing_keys.sealed_private' }), /^-----BEGIN PRIVATE KEY-----/)
  t.throws(() => box.open(sealed, { tenantId: b.id, field: 'signing_keys.sealed_private' }))
  t.throws(() => box.open(sealed, { tenantId: a.id, field: 'mail_accounts.password' }))
})

t.test('a private half copied to another tenant’s row signs nothing there', async (t) => {
  const third = await data.addTenant({ slug: 'site-c', host: 'site-c.example' })
  await data.owner.query(
    'insert into signing_keys (tenant_id, id, public_jwk, sealed_private) select $1, id, public_jwk, sealed_private from signing_keys where tenant_id = $2',
    [third.id, a.id],
  )
  const tenant = {
    id: third.id,
    slug: third.slug,
    kind: 'site',
    status: 'active',
    version: 1,
    canonicalHost: third.host,
    hosts: [third.host],
  } as const
  const keys = createSigningKeys(box)
  const copied = await keys.of(tenant, data.open({ max: 1 }).forTenant(third.id))
  t.throws(() => copied.current, /no key of SECRET_KEYS opens/)
  t.match((await keys.of({ ...tenant, id: a.id }, data.open({ max: 1 }).forTenant(a.id))).current.privatePem, /PRIVATE KEY/, 'as it does for its own')
})

t.test('a new key signs, the old one stays published and its tokens are accepted until it is withdrawn: 401 on both processes', async (t) => {
  const old = await open(a)
  const oldKid = String(claimsOf(old.accessToken).header.kid)
  for (const on of [app, copy]) t.equal((await me(a, old.accessToken, { on })).statusCode, 200)
  const row = newSigningKey(box, a.id)
  await data.owner.query(`update signing_keys set retired_at = now() where tenant_id = $1 and retired_at is null`, [a.id])
  await data.owner.query('insert into signing_keys (tenant_id, id, public_jwk, sealed_private) values ($1, $2, $3, $4)', [
    a.id,
    row.id,
    row.publicJwk,
    row.sealedPrivate,
  ])

  await eventually(t, 'both keys are published', async () => (await keySetOf(a)).keys.length === 2)
  const fresh = await open(a)
  t.equal(claimsOf(fresh.accessToken).header.kid, row.id)
  for (const on of [app, copy]) {
    await eventually(t, 'the new key’s token is accepted', async () => (await me(a, fresh.accessToken, { on })).statusCode === 200)
    t.equal((await me(a, old.accessToken, { on })).statusCode, 200, 'the retired key’s as well')
  }
  t.equal((await jwtVerify(old.accessToken, createLocalJWKSet(await keySetOf(a)))).payload.sub, a.owner.id)

  await data.owner.query(`update signing_keys set retired_at = now() - interval '86400 seconds' where id = $1`, [oldKid])
  t.equal((await me(a, old.accessToken)).statusCode, 200, 'a day later it may still have a live token')
  await data.owner.query(`update signing_keys set retired_at = now() - interval '87031 seconds' where id = $1`, [oldKid])
  await eventually(t, 'the old key is withdrawn', async () => (await keySetOf(a)).keys.map(({ kid }) => kid).join() === row.id)
  for (const on of [app, copy]) {
    await eventually(t, 'its token is refused', async () => outcome(await me(a, old.accessToken, { on })) === '401 AUTH_TOKEN_INVALID')
    t.equal((await me(a, fresh.accessToken, { on })).statusCode, 200)
  }
})

t.test('a withdrawn key signs nothing, though its row is still there: 401', async (t) => {
  const { rows } = await data.owner.query('select id, sealed_private from signing_keys where tenant_id = $1 and retired_at is not null', [a.id])
  t.equal(rows.length, 1, 'there is one')
  const { accessToken } = await open(a)
  t.equal((await me(a, accessToken)).statusCode, 200)
  const key = await importPKCS8(box.open(rows[0].sealed_private, { tenantId: a.id, field: 'signing_keys.sealed_private' }), 'ES256')
  const forged = await new SignJWT(claimsOf(accessToken).claims).setProtectedHeader({ alg: 'ES256', kid: String(rows[0].id) }).sign(key)
  t.equal(outcome(await me(a, forged)), '401 AUTH_TOKEN_INVALID')
})
