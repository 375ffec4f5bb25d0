import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import t from 'tap'
import { rotateKey, tidyKeys } from '../../../src/auth/keys/rotate-key.ts'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { freePort } from '../../free-port.ts'
import { authCalls, claimsOf } from '../auth-calls.ts'
import { withClock } from './clock.ts'

const port = await freePort()
const { app, data, a } = await createTestApp(t, { env: { PUBLIC_SCHEME: 'http', PUBLIC_PORT: String(port) } })
const site = { ...a, host: 'localhost' }
await data.owner.query('update hosts set canonical = false where tenant_id = $1', [a.id])
await data.owner.query(`insert into hosts (tenant_id, host, status, canonical) values ($1, 'localhost', 'verified', true)`, [a.id])
await app.listen({ host: 'localhost', port })
const origin = `http://localhost:${port}`
const { open } = authCalls(app)
const db = data.open({ max: 2 }).forTenant(a.id)
const minute = 60_000

await eventually(t, 'the site is there', async () => (await fetch(`${origin}/v1/site`)).status === 200, 20_000)

interface Verifier {
  verify(token: string): Promise<string>
  /** When the JWKS was asked for. */
  fetches: number[]
}

/** Somebody else's service, which knows the issuer and nothing else. */
async function createVerifier(cacheMaxAge?: number): Promise<Verifier> {
  const { issuer, jwks_uri } = JSON.parse(await (await fetch(`${origin}/.well-known/openid-configuration`)).text())
  const fetches: number[] = []
  const keys = createRemoteJWKSet(new URL(jwks_uri), {
    ...(cacheMaxAge === undefined ? {} : { cacheMaxAge }),
    [customFetch]: (url, options) => {
      fetches.push(Date.now())
      return fetch(url, options)
    },
  })
  return {
    fetches,
    async verify(token) {
      const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience: a.id, algorithms: ['ES256'] })
      if (payload.sub !== a.owner.id) throw new Error('another member')
      return String(protectedHeader.kid)
    },
  }
}

/** What `max-age` allows, and what jose does when nobody says otherwise. */
const maxAges = { '300 s, as max-age says': 300_000, '10 minutes, as jose does by itself': undefined }

t.test('an independent JOSE library verifies through discovery alone, across a rotation, and never meets a kid it does not know', async (t) => {
  const start = Date.now()
  const first = (await open(site)).accessToken
  const oldKid = String(claimsOf(first).header.kid)
  const verifiers = Object.values(maxAges).map(createVerifier)
  // Each has just fetched the JWKS when the rotation begins: the worst moment.
  for (const verifier of verifiers) t.equal(await (await verifier).verify(first), oldKid)
  const { key } = await rotateKey(db, app.secretBox, { tenantId: a.id, when: 'ahead' })
  const switchAt = key.activatesAt.getTime()
  t.ok(switchAt - start >= 15 * minute)
  const live: { token: string; until: number }[] = []
  const signers: string[] = []
  for (let at = start + 1_000; at < switchAt + 12 * minute; at += minute / 2) {
    await withClock(t, at, async () => {
      const { accessToken: token, expiresIn } = await open(site)
      live.push({ token, until: at + expiresIn * 1_000 })
      signers.push(String(claimsOf(token).header.kid))
      for (const verifier of verifiers) {
        for (const { token } of live.filter(({ until }) => until > at + 1_000)) await (await verifier).verify(token)
      }
    })
  }
  const switched = signers.indexOf(key.id)
  t.same(new Set(signers.slice(0, switched)), new Set([oldKid]), 'the old key signs to the last moment')
  t.same(new Set(signers.slice(switched)), new Set([key.id]), 'and never again')
  t.ok(switched >= 30, 'not before a quarter of an hour')
  for (const [at, name] of Object.keys(maxAges).entries()) {
    const { fetches } = (await verifiers[at]) ?? { fetches: [] }
    const age = Object.values(maxAges)[at] ?? 10 * minute
    t.ok(fetches.length >= 3, `${name}: it was read again in all that time`)
    const early = fetches.slice(1).filter((when, before) => when - Number(fetches[before]) < age)
    t.same(early, [], `${name}: never before its copy was too old, as for an unknown kid`)
  }
})

t.test('old tokens verify while their key is published; after its last token’s life and a day it is gone', async (t) => {
  const { rows } = await data.owner.query('select id, retired_at from signing_keys where tenant_id = $1 and retired_at is not null', [a.id])
  const [old] = rows
  const kids = async (): Promise<string[]> =>
    JSON.parse(await (await fetch(`${origin}/.well-known/jwks.json`)).text()).keys.map(({ kid }: { kid: string }) => kid)
  const { accessToken } = await open(site)
  t.equal(claimsOf(accessToken).header.kid, old.id)
  await withClock(t, old.retired_at.getTime() + 87_025_000, async () => t.ok((await kids()).includes(old.id)))
  await withClock(t, old.retired_at.getTime() + 87_030_000, async () => t.notOk((await kids()).includes(old.id)))
  const verifier = await createVerifier()
  t.equal(await verifier.verify(accessToken), old.id)
  await data.owner.query(`update signing_keys set activates_at = now() - interval '87031 seconds' where retired_at is null and tenant_id = $1`, [
    a.id,
  ])
  await data.owner.query(`update signing_keys set retired_at = now() - interval '87031 seconds' where id = $1`, [old.id])
  await tidyKeys(db)
  await eventually(t, 'it is withdrawn', async () => !(await kids()).includes(old.id))
  t.equal((await kids()).length, 1)
  await t.rejects((await createVerifier()).verify(accessToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  const fresh = (await open(site)).accessToken
  t.equal(await (await createVerifier()).verify(fresh), claimsOf(fresh).header.kid, 'control')
})

t.test('after an emergency a JOSE library learns of the new key by itself, once its cooldown is over', async (t) => {
  const verifier = await createVerifier()
  const before = (await open(site)).accessToken
  await verifier.verify(before)
  const { key } = await rotateKey(db, app.secretBox, { tenantId: a.id, when: 'now' })
  let after = ''
  await eventually(t, 'the new key signs', async () => {
    after = (await open(site)).accessToken
    return claimsOf(after).header.kid === key.id
  })
  await withClock(t, Date.now() + 31_000, async () => {
    t.equal(await verifier.verify(after), key.id)
    await t.rejects(verifier.verify(before), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })
})

t.test('JWKS and discovery have an ETag and answer 304 to whom has it, until a rotation: then 200 with another', async (t) => {
  const read = (path: string, etag?: string) => fetch(`${origin}/.well-known/${path}`, { headers: etag ? { 'if-none-match': etag } : {} })
  for (const path of ['jwks.json', 'openid-configuration']) {
    const first = await read(path)
    const etag = String(first.headers.get('etag'))
    t.equal(first.status, 200, path)
    t.match(etag, /^"[\w-]{22}"$/)
    t.equal(first.headers.get('cache-control'), 'private, max-age=300')
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await read(path, known)
      t.equal(again.status, 304, `${path} ${known}`)
      t.equal(again.headers.get('etag'), etag)
      t.equal(again.headers.get('cache-control'), 'private, max-age=300', 'it is good for another five minutes')
      t.equal(await again.text(), '')
    }
    t.equal((await read(path, '"x"')).status, 200)
  }
  const etags = async () => [(await read('jwks.json')).headers.get('etag'), (await read('openid-configuration')).headers.get('etag')]
  const [jwks, discovery] = await etags()
  await rotateKey(db, app.secretBox, { tenantId: a.id, when: 'ahead' })
  await eventually(t, 'right after a rotation it is another', async () => (await read('jwks.json', String(jwks))).status === 200)
  const [later, same] = await etags()
  t.not(later, jwks)
  t.equal(same, discovery)
})
