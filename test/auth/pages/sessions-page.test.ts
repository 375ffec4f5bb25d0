import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { factorCalls } from '../factor-calls.ts'
import { openLimits } from '../minted.ts'
import { browsers } from '../sessions/session-calls.ts'
import { pageCalls } from './member-pages.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { data, a } = tools
const { person, sessionsOf } = factorCalls(tools)
const { enter } = pageCalls(tools)
const live = async (who: Parameters<typeof sessionsOf>[0]) => (await sessionsOf(who)).filter(({ ended_at }) => ended_at === null).length

t.test('the live sessions are told in words, in the visitor’s language and the site’s time zone: 200', async (t) => {
  const who = await person(a)
  const { open } = await enter(who, { 'user-agent': browsers.firefox })
  await enter(who, { 'user-agent': browsers.safari })
  await data.owner.query(
    `update sessions set created_at = '2026-03-04T23:05:00Z', methods = '{password,totp}' where member_id = $1 and user_agent ~ 'iPhone'`,
    [who.id],
  )
  await data.owner.query(`update sites set time_zone = 'Asia/Tokyo' where tenant_id = $1`, [a.id])
  t.teardown(() => data.owner.query(`update sites set time_zone = 'Africa/Sao_Tome' where tenant_id = $1`, [a.id]))
  const english = (await open('sessions')).body
  t.match(english, /Firefox, Linux<\/strong>, [^<]+<span class="tag">this device/)
  t.match(english, 'Safari, iOS')
  t.match(english, 'Signed in by: password, authenticator app')
  t.match(english, '<time datetime="2026-03-04T23:05:00.000Z">5 March 2026 at 08:05</time>')
  t.match((await open('sessions', { 'accept-language': 'pt' })).body, '5 de março de 2026 às 08:05')
  t.match((await open('sessions', { 'accept-language': 'fr' })).body, /5 mars 2026 à 08:05/)
})

t.test('one is ended, then all others: 303, and their cookies open nothing any more', async (t) => {
  const who = await person(a)
  const [mine, second, third] = [await enter(who), await enter(who), await enter(who)]
  const page = await mine.open('sessions')
  const [first = '', other = ''] = [...page.body.matchAll(/name="session" value="([0-9a-f-]{36})"/g)].map(([, id]) => id)
  t.ok(first && other, 'a button for each of the two others, and none for this one')
  const ended = await mine.submit('sessions/end', { session: first })
  t.equal(ended.statusCode, 303)
  t.equal(ended.headers.location, '/account/sessions?done=ended')
  t.match((await mine.open('sessions?done=ended')).body, 'The session was ended.')
  t.equal(await live(who), 2)
  await mine.submit('sessions/end', { session: first })
  t.equal((await mine.submit('sessions/end-others')).headers.location, '/account/sessions?done=othersEnded')
  for (const one of [second, third]) await eventually(t, 'the session is over', async () => (await one.open('sessions')).statusCode === 303)
  const left = await mine.open('sessions?done=othersEnded')
  t.equal(left.statusCode, 200)
  t.notMatch(left.body, 'End all others')
})

t.test('another member’s session is not ended: 303 as for one that is over', async (t) => {
  const [who, other] = [await person(a), await person(a)]
  const [mine] = [await enter(who), await enter(other)]
  const [{ id }] = await sessionsOf(other)
  t.equal((await mine.submit('sessions/end', { session: id })).statusCode, 303)
  t.equal(await live(other), 1)
})

t.test('signing out everywhere ends this one too and clears the cookies: 303', async (t) => {
  const who = await person(a)
  const [mine, other] = [await enter(who), await enter(who)]
  const out = await mine.submit('sessions/sign-out-everywhere')
  t.equal(out.headers.location, '/account/signed-out')
  t.ok(out.cookies.length > 0 && out.cookies.every(({ value }) => value === ''))
  for (const one of [mine, other]) await eventually(t, 'the session is over', async () => (await one.open('sessions')).statusCode === 303)
})
