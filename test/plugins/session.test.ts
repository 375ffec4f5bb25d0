import { randomBytes } from 'node:crypto'
import { generateKeyPair, importPKCS8, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import t from 'tap'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { publicPem } from '../../src/security/signing-key.ts'
import { createTestApp, password, type TestSite } from '../app.ts'
import { authCalls, claimsOf, cookieHeader, outcome } from '../auth/auth-calls.ts'

const { app, data, a, b } = await createTestApp(t)
const { open, me, send, signIn, refresh } = authCalls(app)
const box = createSecretBox(app.config.secretKeys)

/** What signs the site's tokens, taken out of the database with the server's own secrets. */
async function signingKeyOf(site: TestSite) {
  const { rows } = await data.owner.query('select id, public_jwk, sealed_private from signing_keys where tenant_id = $1 and retired_at is null', [
    site.id,
  ])
  const pem = box.open(rows[0].sealed_private, { tenantId: site.id, field: 'signing_keys.sealed_private' })
  return { kid: String(rows[0].id), key: await importPKCS8(pem, 'ES256'), publicPem: publicPem(rows[0].public_jwk) }
}

const [keyA, keyB] = [await signingKeyOf(a), await signingKeyOf(b)]
const real = await open(a)
const claims = claimsOf(real.accessToken).claims
const sign = (changes: JWTPayload = {}, header: { kid?: string; alg?: string } = {}, key = keyA.key) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', kid: keyA.kid, ...header }).sign(key)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const dead = '401 AUTH_TOKEN_INVALID'

t.afterEach(async () => {
  t.equal((await me(a, await sign())).statusCode, 200, 'a token made the right way is accepted')
})

t.test('alg none answers 401 AUTH_TOKEN_INVALID, in any spelling and with any signature', async (t) => {
  const [, payload, signature] = real.accessToken.split('.')
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    for (const end of ['', signature]) {
      const answer = await me(a, `${encode({ alg, typ: 'JWT', kid: keyA.kid })}.${payload}.${end}`)
      t.equal(outcome(answer), dead, `${alg}.${end}`)
    }
  }
  t.equal(outcome(await me(a, new UnsecuredJWT(claims).encode())), dead)
})

t.test('HS256 with the public key as its secret answers 401', async (t) => {
  for (const secret of [keyA.publicPem, keyA.publicPem.trim(), keyA.publicPem.replaceAll(/-.*-|\s/g, '')]) {
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: keyA.kid }).sign(Buffer.from(secret))
    t.equal(outcome(await me(a, token)), dead)
  }
})

t.test('another algorithm or another key under our kid answers 401', async (t) => {
  for (const alg of ['ES256', 'ES384', 'RS256', 'EdDSA']) {
    const { privateKey } = await generateKeyPair(alg)
    t.equal(outcome(await me(a, await sign({}, { alg }, privateKey))), dead, alg)
  }
})

t.test('a foreign, path-like, missing or odd kid answers 401', async (t) => {
  const kids = [keyB.kid, 'unknown', '../../etc/passwd', '/dev/null', "' or 1=1 --", '__proto__', 'constructor', '', 'x'.repeat(2_000), '\u0000']
  for (const kid of kids) t.equal(outcome(await me(a, await sign({}, { kid }))), dead, kid)
  const [, payload, signature] = real.accessToken.split('.')
  for (const header of [
    { alg: 'ES256' },
    { alg: 'ES256', kid: 5 },
    { alg: 'ES256', kid: { toString: keyA.kid } },
    { alg: 'ES256', kid: [keyA.kid] },
    null,
    'x',
    [],
  ]) {
    t.equal(outcome(await me(a, `${encode(header)}.${payload}.${signature}`)), dead, JSON.stringify(header))
  }
})

t.test('a key that the token brings along is not believed: 401', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await crypto.subtle.exportKey('jwk', publicKey)
  for (const extra of [{ jwk }, { jku: 'https://evil.example/jwks.json' }, { x5u: 'https://evil.example/cert' }]) {
    const header = { alg: 'ES256', kid: keyA.kid, ...extra }
    t.equal(outcome(await me(a, await new SignJWT(claims).setProtectedHeader(header).sign(privateKey))), dead)
  }
})

t.test('a token of the other site answers 401 here and 200 there', async (t) => {
  const { accessToken } = await open(b)
  t.equal((await me(b, accessToken)).statusCode, 200)
  t.equal(outcome(await me(a, accessToken)), dead)
  const forA = { iss: 'https://site-a.example', aud: a.id, tid: a.id }
  t.equal(outcome(await me(a, await sign(forA, { kid: keyB.kid }, keyB.key))), dead, "with our claims under that site's key")
  t.equal(outcome(await me(a, await sign(forA, { kid: keyA.kid }, keyB.key))), dead, 'and our kid')
})

t.test('a wrong issuer, audience or tenant answers 401 though the signature is ours', async (t) => {
  const wrong: JWTPayload[] = [
    { iss: 'https://site-b.example' },
    { iss: 'http://site-a.example' },
    { iss: 'https://site-a.example/' },
    { iss: 'https://site-a.example.evil.example' },
    { aud: b.id },
    { aud: [b.id] },
    { aud: a.id.toUpperCase() },
    { tid: b.id },
    { tid: '' },
  ]
  for (const change of wrong) t.equal(outcome(await me(a, await sign(change))), dead, JSON.stringify(change))
})

t.test('an expired token, or one that is not valid yet, answers 401', async (t) => {
  const now = Math.floor(Date.now() / 1_000)
  t.equal(outcome(await me(a, await sign({ iat: now - 700, exp: now - 1 }))), dead)
  t.equal(outcome(await me(a, await sign({ nbf: now + 60 }))), dead)
})

t.test('a token that is in memory answers 401 once it has expired', async (t) => {
  const token = await sign({ exp: Math.floor(Date.now() / 1_000) + 300 })
  t.equal((await me(a, token)).statusCode, 200)
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + 301_000
  t.equal(outcome(await me(a, token)), dead)
  Date.now = now
})

t.test('a token without sub, sid, tid, exp, iss or aud answers 401', async (t) => {
  for (const name of ['sub', 'sid', 'tid', 'exp', 'iss', 'aud']) t.equal(outcome(await me(a, await sign({ [name]: undefined }))), dead, name)
})

t.test('a sid or sub of another session or member, or none at all, answers 401', async (t) => {
  const foreign = claimsOf((await open(b)).accessToken).claims
  const changes: JWTPayload[] = [
    { sid: foreign.sid },
    { sub: foreign.sub ?? '' },
    { sub: b.owner.id, sid: foreign.sid },
    { sid: a.id },
    { sub: a.id },
  ]
  for (const change of changes) t.equal(outcome(await me(a, await sign(change))), dead, JSON.stringify(change))
})

t.test('a changed payload, a cut or empty signature, and noise answer 401', async (t) => {
  const [header = '', , signature = ''] = real.accessToken.split('.')
  const payload = encode({ ...claims, sub: b.owner.id })
  const [, own = ''] = real.accessToken.split('.')
  const bad = [`${header}.${payload}.${signature}`, `${header}.${own}.${signature.slice(0, -4)}`, `${header}.${own}.`, `${header}.${own}`, header]
  for (const token of [...bad, `${real.accessToken}.x`, '..', 'a.b.c', `${header}.${own}.AAAA`]) t.equal(outcome(await me(a, token)), dead, token)
  for (let n = 0; n < 200; n++) {
    const noise = randomBytes(n).toString('base64url')
    const at = n % real.accessToken.length
    const cut = `${real.accessToken.slice(0, at)}${noise}`
    if (cut) t.equal((await me(a, cut)).statusCode, 401, cut)
  }
})

t.test('what is no access token opens nothing, and an access token nothing else: 401, 400', async (t) => {
  const others = { 'a refresh token': real.refreshToken, 'its hash': 'a'.repeat(64), 'what a mail holds': randomBytes(32).toString('base64url') }
  for (const [name, token] of Object.entries(others)) t.equal(outcome(await me(a, token)), dead, name)
  t.equal(outcome(await refresh(a, real.accessToken)), '400 REQUEST_INVALID')
  const headers = { cookie: `__Host-access=${real.refreshToken}; __Host-refresh=${real.accessToken}`, 'sec-fetch-site': 'same-origin' }
  t.equal(outcome(await send(a, { url: '/v1/me' }, { headers })), dead)
  t.equal(outcome(await send(a, { method: 'POST', url: '/v1/auth/refresh' }, { headers })), '401 AUTH_REFRESH_INVALID')
  t.equal(outcome(await refresh(a, real.refreshToken)), '200', 'control: in its own place it is good')
})

t.test('no token, another scheme or an empty one answers 401 AUTH_REQUIRED with WWW-Authenticate', async (t) => {
  const plain = await send(a, { url: '/v1/me' })
  t.equal(outcome(plain), '401 AUTH_REQUIRED')
  t.equal(plain.headers['www-authenticate'], 'Bearer')
  for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${real.accessToken}`, real.accessToken, `Bearer ${real.accessToken} x`, 'Bearer ü']) {
    t.equal(outcome(await send(a, { url: '/v1/me' }, { headers: { authorization } })), '401 AUTH_REQUIRED', authorization)
  }
  t.equal((await send(a, { url: '/v1/me' }, { headers: { authorization: `bearer ${real.accessToken}` } })).statusCode, 200, 'the scheme in any case')
})

t.test('the access cookie answers 200, another site’s 401, and a header counts before a cookie', async (t) => {
  const cookie = cookieHeader(await signIn(a, { email: a.owner.email, password, transport: 'cookie' }))
  const foreign = cookieHeader(await signIn(b, { email: b.owner.email, password, transport: 'cookie' }))
  t.equal((await send(a, { url: '/v1/me' }, { headers: { cookie } })).statusCode, 200)
  t.equal(outcome(await send(a, { url: '/v1/me' }, { headers: { cookie: foreign } })), dead)
  t.equal(
    outcome(await send(a, { url: '/v1/me' }, { headers: { cookie: cookie.replaceAll('__Host-', '') } })),
    '401 AUTH_REQUIRED',
    'only under its name',
  )
  t.equal(outcome(await send(a, { url: '/v1/me' }, { headers: { cookie, authorization: 'Bearer x.y.z' } })), dead)
})

t.test('a token in the query string or body is not looked at: 401 AUTH_REQUIRED', async (t) => {
  t.equal(outcome(await send(a, { url: `/v1/me?access_token=${real.accessToken}&token=${real.accessToken}` })), '401 AUTH_REQUIRED')
})
