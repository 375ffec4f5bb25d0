import t from 'tap'
import { createTestApp, password, type TestSite } from '../../app.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { bearer, cookieNamed, sessionTools, sidOf } from './session-calls.ts'

const tools = await createTestApp(t)
const { app, a, b } = tools
const { signIn, refresh } = authCalls(app)
const { addMember, sessionRow, eventsOf } = sessionTools(tools)

/** With these cookies. */
const browser = (cookies: Record<string, string>) => {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  return { headers: { cookie: cookie.join('; '), 'sec-fetch-site': 'same-origin' } }
}

/** What a browser with these cookies gets: its new ones. */
async function signInByBrowser(site: TestSite, email: string, cookies: Record<string, string> = {}) {
  const answer = await signIn(site, { email, password, transport: 'cookie' }, browser(cookies))
  t.equal(answer.statusCode, 200)
  const [access, refreshed] = ['__Host-access', '__Host-refresh'].map((name) => cookieNamed(answer, name) ?? '')
  return { access: access ?? '', cookies: { '__Host-refresh': refreshed ?? '' } }
}

for (const email of ['one@people.example', 'two@people.example']) await addMember(a, email)
await addMember(b, 'one@people.example')

t.test('a browser that signs in again ends the session that it had, whoever’s it was (ASVS V7.2.4)', async (t) => {
  const first = await signInByBrowser(a, 'one@people.example')
  const second = await signInByBrowser(a, 'one@people.example', first.cookies)
  t.match(await sessionRow(first.access), { end_reason: 'signed_out' })
  t.equal((await sessionRow(second.access)).ended_at, null)
  t.match((await eventsOf('session.ended')).at(-1), { target: sidOf(first.access), actor_kind: 'member', details: { by: 'sign-in' } })
  const third = await signInByBrowser(a, 'two@people.example', second.cookies)
  t.not((await sessionRow(second.access)).ended_at, null, 'another member’s on the same browser')
  t.equal((await sessionRow(third.access)).ended_at, null)
})

t.test('a sign-in that fails, one of a program, and a token that is none of this site’s end nothing', async (t) => {
  const mine = await signInByBrowser(a, 'one@people.example')
  const wrong = { email: 'one@people.example', password: 'not the password', transport: 'cookie' } as const
  t.equal(outcome(await signIn(a, wrong, browser(mine.cookies))), '401 AUTH_INVALID_CREDENTIALS')
  t.equal((await signIn(a, { email: 'two@people.example', password }, browser(mine.cookies))).statusCode, 200)
  await signInByBrowser(b, 'one@people.example', mine.cookies)
  for (const made of ['', 'A'.repeat(91), `${mine.cookies['__Host-refresh'].slice(0, -1)}_`]) {
    await signInByBrowser(a, 'one@people.example', { '__Host-refresh': made })
  }
  t.equal((await sessionRow(mine.access)).ended_at, null)
  t.equal((await refresh(a, mine.cookies['__Host-refresh'], bearer(mine.access))).statusCode, 200)
})
