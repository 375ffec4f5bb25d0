import t from 'tap'
import { createTestApp, password } from '../app.ts'
import { authCalls, cookieHeader, outcome } from '../auth/auth-calls.ts'

const { app, data, a } = await createTestApp(t)
const { post, send, signIn } = authCalls(app)
await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.example', 'verified')`, [a.id])

const origins = {
  own: 'https://site-a.example',
  alias: 'https://alias.example',
  listed: 'https://app.site-a.example',
  foreign: 'https://evil.example',
  'another site’s': 'https://app.site-b.example',
  'plain http': 'http://site-a.example',
  null: 'null',
  absent: undefined,
} as const
const trusted = new Set<keyof typeof origins>(['own', 'alias', 'listed'])
const fetchSites = ['same-origin', 'none', 'same-site', 'cross-site', 'nonsense', undefined] as const

type OriginName = keyof typeof origins
const originNames = Object.keys(origins) as OriginName[]

/** The rule of DEFAULTS, said once more. */
function passes(fetchSite: string | undefined, origin: OriginName, withCookie: boolean): boolean {
  if (fetchSite === 'same-origin' || fetchSite === 'none' || trusted.has(origin)) return true
  return fetchSite === undefined && origin === 'absent' && !withCookie
}

const rows = fetchSites.flatMap((fetchSite) =>
  originNames.flatMap((origin) => [true, false].map((withCookie) => ({ fetchSite, origin, withCookie }))),
)

t.test('an unsafe request passes by Sec-Fetch-Site, else by a trusted Origin, else answers 403 ORIGIN_REFUSED', async (t) => {
  t.equal(rows.length, 96)
  for (const { fetchSite, origin, withCookie } of rows) {
    const headers = {
      ...(fetchSite === undefined ? {} : { 'sec-fetch-site': fetchSite }),
      ...(origins[origin] === undefined ? {} : { origin: origins[origin] }),
      ...(withCookie ? { cookie: '__Host-access=x' } : {}),
    }
    // Without a token in it, a refresh that gets past the guard is known by its own 401.
    const answer = await post(a, '/v1/auth/refresh', {}, { headers })
    const expected = passes(fetchSite, origin, withCookie) ? '401 AUTH_REFRESH_INVALID' : '403 ORIGIN_REFUSED'
    t.equal(outcome(answer), expected, `Sec-Fetch-Site ${fetchSite}, Origin ${origin}, ${withCookie ? 'with' : 'without'} a cookie`)
  }
})

t.test('a safe request passes from anywhere: 200', async (t) => {
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await send(a, { method, url: '/v1/site' }, { headers: { 'sec-fetch-site': 'cross-site', origin: origins.foreign, cookie: 'x=y' } })
    t.equal(answer.statusCode, 200, method)
  }
})

t.test('every operation that changes something is guarded: 403 before body or session are looked at', async (t) => {
  const headers = { 'sec-fetch-site': 'cross-site', origin: origins.foreign, 'content-type': 'application/json' }
  for (const url of ['/v1/auth/sign-in', '/v1/auth/refresh', '/v1/auth/sign-out']) {
    t.equal(outcome(await post(a, url, '{', { headers })), '403 ORIGIN_REFUSED', url)
  }
})

t.test('a foreign page can neither sign a browser in nor out: 403, and the session lives', async (t) => {
  const signedIn = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  const cookie = cookieHeader(signedIn)
  const foreign = { cookie, origin: origins.foreign, 'sec-fetch-site': 'cross-site' }
  t.equal(outcome(await post(a, '/v1/auth/sign-out', { everywhere: true }, { headers: foreign })), '403 ORIGIN_REFUSED')
  t.equal(outcome(await post(a, '/v1/auth/refresh', {}, { headers: foreign })), '403 ORIGIN_REFUSED')
  const login = await signIn(a, { email: a.owner.email, password, transport: 'cookie' }, { headers: foreign })
  t.equal(outcome(login), '403 ORIGIN_REFUSED')
  t.same(login.cookies, [], 'no session is planted')
  t.equal((await send(a, { url: '/v1/me' }, { headers: { cookie } })).statusCode, 200)
  const listed = { cookie, origin: origins.listed, 'sec-fetch-site': 'cross-site' }
  t.equal((await post(a, '/v1/auth/refresh', {}, { headers: listed })).statusCode, 200, 'a listed page may')
})

t.test('a plain form of the own page answers 415: no body but JSON is read', async (t) => {
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(outcome(await post(a, '/v1/auth/sign-in', 'email=a&password=b', { headers })), '415 CONTENT_TYPE_UNSUPPORTED')
})

t.test('a client that is no browser shows neither header and passes: 200', async (t) => {
  t.equal((await signIn(a, { email: a.owner.email, password })).statusCode, 200)
})
