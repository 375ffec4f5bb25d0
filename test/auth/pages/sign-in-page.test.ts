import t from 'tap'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, type CallOptions, cookieHeader } from '../auth-calls.ts'
import { openLimits } from '../minted.ts'

const { app, data, a, b } = await createTestApp(t, { overrides: { limits: openLimits() } })
const { send } = authCalls(app)
const form = { origin: 'https://site-a.example', 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' }
const open = (url: string, headers: Record<string, string> = {}) => send(a, { url }, { headers: { 'accept-language': 'en', ...headers } })
const submit = (page: string, fields: Record<string, string>, { headers = {}, ...more }: CallOptions = {}) =>
  send(a, { method: 'POST', url: `/account/${page}`, payload: new URLSearchParams(fields).toString() }, { ...more, headers: { ...form, ...headers } })
const right = { email: a.owner.email, currentPassword: password }

t.test('a visitor of a member’s page is sent to sign in, and from there back: 303', async (t) => {
  const sent = await open('/account')
  t.equal(sent.statusCode, 303)
  t.equal(sent.headers.location, '/account/sign-in?return_to=%2Faccount')
  const page = await open(String(sent.headers.location))
  t.equal(page.statusCode, 200)
  t.match(page.body, '<input type="hidden" name="return_to" value="/account">')
  const signedIn = await submit('sign-in', { ...right, return_to: '/account' })
  t.equal(signedIn.statusCode, 303)
  t.equal(signedIn.headers.location, '/account')
  for (const { name, httpOnly, secure, sameSite, path } of signedIn.cookies)
    t.strictSame({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' }, name)
  const account = await open('/account', { cookie: cookieHeader(signedIn) })
  t.equal(account.statusCode, 200)
  t.match(account.body, a.owner.email)
  t.match(account.body, 'aria-current="page"')
  t.equal(account.headers['cache-control'], 'no-store')
  t.equal((await send(b, { url: '/account' }, { headers: { cookie: cookieHeader(signedIn) } })).statusCode, 303, 'and at another site it is nobody’s')
})

t.test('an access token that has run out is exchanged on the way: 200 with new cookies', async (t) => {
  const signedIn = await submit('sign-in', right)
  const refresh = signedIn.cookies.filter(({ name }) => name.endsWith('refresh'))
  const headers = { cookie: refresh.map(({ name, value }) => `${name}=${value}`).join('; ') }
  const page = await open('/account', headers)
  t.equal(page.statusCode, 200)
  t.match(page.body, a.owner.email)
  t.same(page.cookies.map(({ name }) => name).sort(), ['__Host-access', '__Host-refresh'])
  await data.owner.query(`update sessions set rotated_at = now() - interval '1 minute'`)
  const reused = await open('/account', headers)
  t.equal(reused.statusCode, 303, 'a token of before ends the session')
  t.ok(
    reused.cookies.every(({ value }) => value === ''),
    'and the cookies go',
  )
  await eventually(t, 'and so does the session', async () => (await open('/account', { cookie: cookieHeader(page) })).statusCode === 303)
})

t.test('a wrong password answers 401 on the form and leaves the address; an unknown address is told the same', async (t) => {
  const wrong = await submit('sign-in', { ...right, currentPassword: 'not my password' })
  t.equal(wrong.statusCode, 401)
  t.match(wrong.body, 'The address or the password is not right.')
  t.match(wrong.body, `value="${a.owner.email}"`)
  t.notMatch(wrong.body, 'not my password')
  t.same(wrong.cookies, [])
  const unknown = await submit('sign-in', { email: 'who@people.example', currentPassword: 'not my password' })
  t.equal(unknown.statusCode, 401)
  t.equal(unknown.body.replaceAll('who@people.example', ''), wrong.body.replaceAll(a.owner.email, ''))
  t.equal((await submit('sign-in', { email: '', currentPassword: '' })).statusCode, 400)
  t.equal((await submit('sign-in', { ...right, role: 'owner' })).statusCode, 400)
})

t.test('a return address of a stranger is dropped: the member lands on the account page', async (t) => {
  for (const evil of ['//evil.example', '/\\evil.example', 'https:evil.example', 'https://site-a.example@evil.example', 'https://site-b.example/']) {
    const page = await open(`/account/sign-in?return_to=${encodeURIComponent(evil)}`)
    t.notMatch(page.body, 'evil.example')
    t.notMatch(String(page.headers['content-security-policy']), 'evil.example')
    const signedIn = await submit('sign-in', { ...right, return_to: evil })
    t.equal(signedIn.headers.location, '/account', evil)
  }
  const listed = 'https://app.site-a.example/after'
  t.match(
    String((await open(`/account/sign-in?return_to=${encodeURIComponent(listed)}`)).headers['content-security-policy']),
    "form-action 'self' https://app.site-a.example;",
  )
  t.equal((await submit('sign-in', { ...right, return_to: listed })).headers.location, listed)
})

t.test('signing out ends the session and the cookies: 303, also when pressed twice or by nobody', async (t) => {
  const signedIn = await submit('sign-in', right)
  const headers = { cookie: cookieHeader(signedIn) }
  for (let press = 0; press < 2; press++) {
    const out = await submit('sign-out', {}, { headers })
    t.equal(out.statusCode, 303)
    t.equal(out.headers.location, '/account/signed-out')
    t.ok(out.cookies.every(({ value }) => value === ''))
    await eventually(t, 'the session is over', async () => (await open('/account', headers)).statusCode === 303)
  }
  t.match((await open('/account/signed-out')).body, 'You have signed out on this device.')
  t.equal((await submit('sign-out', {})).statusCode, 303)
  t.equal((await submit('sign-out', {}, { headers: { ...headers, origin: 'https://evil.example' } })).statusCode, 403)
})
