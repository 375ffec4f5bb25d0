import t from 'tap'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { createTestApp, password } from '../../app.ts'
import { authCalls, type CallOptions, cookieHeader } from '../auth-calls.ts'
import { browsers, cookieNamed, inCountry, sessionTools } from './session-calls.ts'

// Everything comes from a few addresses whose country is known.
const signIns = createRateLimiter({ limit: 1_000, windowMs: 60_000 })
const tools = await createTestApp(t, { overrides: { limits: { signIns } } })
const { app, data, a } = tools
const { signIn, post } = authCalls(app)
const { addMember, mailsOf } = sessionTools(tools)
const devicesOf = async (memberId: string) => (await data.owner.query('select * from known_devices where member_id = $1', [memberId])).rows

const inBrowser = async (email: string, { cookie, ...options }: CallOptions & { cookie?: string } = {}) => {
  const headers = { 'user-agent': browsers.firefox, 'sec-fetch-site': 'same-origin', ...(cookie ? { cookie } : {}), ...options.headers }
  const answer = await signIn(a, { email, password, transport: 'cookie' }, { from: inCountry.st, ...options, headers })
  t.equal(answer.statusCode, 200)
  return answer
}
const program = async (email: string, userAgent: string, from = inCountry.st) => {
  const answer = await signIn(a, { email, password }, { from, headers: { 'user-agent': userAgent } })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['set-cookie'], undefined)
}

t.test('the first device makes no mail, a second browser makes one, with device and country in words, and once', async (t) => {
  const email = 'browsers@people.example'
  const id = await addMember(a, email)
  const first = await inBrowser(email)
  t.same(await mailsOf(email, 'new-device'), [])
  const second = await inBrowser(email, { headers: { 'user-agent': browsers.safari } })
  t.match(await mailsOf(email, 'new-device'), [{ variables: { name: 'Ana', device: 'Safari, iOS (São Tomé e Príncipe)' }, locale: 'pt' }])
  for (const { answer, userAgent } of [
    { answer: first, userAgent: browsers.firefox },
    { answer: second, userAgent: browsers.safari },
  ]) {
    // A browser keeps its cookie through updates and travels.
    await inBrowser(email, { cookie: cookieHeader(answer), headers: { 'user-agent': `${userAgent} x` }, from: inCountry.us })
  }
  t.equal((await mailsOf(email, 'new-device')).length, 1)
  t.equal((await devicesOf(id)).length, 2)
})

t.test('the cookie is random, good for a year, renewed at each sign-in, and kept as a hash; a refresh leaves it alone', async (t) => {
  const email = 'cookie@people.example'
  const id = await addMember(a, email)
  const answer = await inBrowser(email)
  const secret = cookieNamed(answer, '__Host-device') ?? ''
  t.match(secret, /^[A-Za-z0-9_-]{43}$/)
  const line = [answer.headers['set-cookie'] ?? []].flat().find((text) => text.startsWith('__Host-device')) ?? ''
  for (const flag of [/; Path=\/(;|$)/, /; HttpOnly(;|$)/, /; Secure(;|$)/, /; SameSite=Lax(;|$)/, /; Max-Age=31536000(;|$)/]) t.match(line, flag)
  const [device] = await devicesOf(id)
  t.equal(device.device_hash.length, 32)
  t.notOk(device.device_hash.equals(Buffer.from(secret, 'base64url')))
  t.equal(device.name, 'Firefox, Linux')
  const again = await inBrowser(email, { cookie: cookieHeader(answer) })
  t.equal(cookieNamed(again, '__Host-device'), secret)
  const headers = { cookie: cookieHeader(again), 'sec-fetch-site': 'same-origin' }
  t.equal(cookieNamed(await post(a, '/v1/auth/refresh', {}, { headers }), '__Host-device'), undefined)
  for (const odd of ['x', `${secret}x`, encodeURIComponent(`${secret.slice(1)}é`)]) {
    t.match(cookieNamed(await inBrowser(email, { cookie: `__Host-device=${odd}` }), '__Host-device'), /^[A-Za-z0-9_-]{43}$/, 'replaced')
  }
})

t.test('a cookie that is known for one member makes nothing known for another', async (t) => {
  await addMember(a, 'one@people.example')
  await addMember(a, 'two@people.example')
  const cookie = cookieHeader(await inBrowser('one@people.example'))
  await inBrowser('two@people.example')
  await inBrowser('two@people.example', { cookie })
  t.equal((await mailsOf('two@people.example', 'new-device')).length, 1)
})

t.test('a program is known by its words and country: another country or program is told, another version is not', async (t) => {
  const email = 'program@people.example'
  await addMember(a, email)
  await program(email, 'curl/8.0')
  await program(email, 'curl/8.9')
  t.same(await mailsOf(email, 'new-device'), [])
  await program(email, 'curl/8.9', inCountry.us)
  await program(email, browsers.chrome)
  await program(email, browsers.chrome)
  const mails = await mailsOf(email, 'new-device')
  t.same(
    mails.map(({ variables }) => variables.device),
    ['curl (Estados Unidos)', 'Chrome, Windows (São Tomé e Príncipe)'],
  )
  await inBrowser(email, { headers: { 'user-agent': browsers.chrome } })
  t.equal((await mailsOf(email, 'new-device')).length, 3, 'a browser is not known for what it calls itself')
})

t.test('of ten sign-ins of one new device at once one tells', async (t) => {
  const email = 'crowd@people.example'
  await addMember(a, email)
  await program(email, 'curl/8.0')
  await Promise.all(Array.from({ length: 10 }, () => signIn(a, { email, password }, { headers: { 'user-agent': browsers.chrome } })))
  t.equal((await mailsOf(email, 'new-device')).length, 1)
})

t.test('fifty devices are kept, those seen last', async (t) => {
  const email = 'fifty@people.example'
  const id = await addMember(a, email)
  await data.owner.query(
    `insert into known_devices (tenant_id, member_id, device_hash, name, last_seen_at)
     select $1, $2, decode(md5(n::text), 'hex'), n::text, now() - make_interval(days => n) from generate_series(1, 50) n`,
    [a.id, id],
  )
  await inBrowser(email)
  const names = (await devicesOf(id)).map(({ name }) => name)
  t.equal(names.length, 50)
  t.ok(names.includes('Firefox, Linux') && names.includes('49') && !names.includes('50'))
})
