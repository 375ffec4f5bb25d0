import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { bearer, browsers, inCountry, sessionTools, sidOf } from './session-calls.ts'

const tools = await createTestApp(t)
const { app, data, a, b, another } = tools
const copy = await another()
const { send, post, me, refresh } = authCalls(app)
const { addMember, openAs, ageProof, sessionRow, eventsOf } = sessionTools(tools)
const list = (accessToken: string, query = '') => send(a, { url: `/v1/me/sessions${query}` }, bearer(accessToken))
const end = (accessToken: string, id: string) => send(a, { method: 'DELETE', url: `/v1/me/sessions/${id}` }, bearer(accessToken))
const endOthers = (accessToken: string) => post(a, '/v1/me/sessions/end-others', undefined, bearer(accessToken))
const dead = '401 AUTH_TOKEN_INVALID'

t.test('lists live sessions with device and place in words, this one first: 200', async (t) => {
  await addMember(a, 'list@people.example')
  const at = (from: string, userAgent: string) => openAs(a, 'list@people.example', { from, headers: { 'user-agent': userAgent } })
  const [phone, gone, mine] = [
    await at(inCountry.st, browsers.safari),
    await at(inCountry.us, browsers.chrome),
    await at('10.1.2.3', browsers.firefox),
  ]
  await data.owner.query('update sessions set ended_at = now() where id = $1', [sidOf(gone.accessToken)])
  const answer = await list(mine.accessToken, '?language=en')
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { items } = answer.json()
  t.same(
    items.map(({ id, current, device, place, methods, operator }: Record<string, unknown>) => ({ id, current, device, place, methods, operator })),
    [
      { id: sidOf(mine.accessToken), current: true, device: 'Firefox, Linux', place: 'local network', methods: ['password'], operator: false },
      { id: sidOf(phone.accessToken), current: false, device: 'Safari, iOS', place: 'São Tomé & Príncipe', methods: ['password'], operator: false },
    ],
  )
  for (const { createdAt, lastSeenAt, expiresAt } of items) {
    t.equal(lastSeenAt, createdAt)
    t.ok(Date.parse(expiresAt) > Date.now() + 13 * 86_400_000 && Date.parse(expiresAt) < Date.now() + 15 * 86_400_000, 'when idle ends it')
  }
  t.match((await list(mine.accessToken)).json().items[1], { place: 'São Tomé e Príncipe' }, 'the site speaks Portuguese')
  t.match((await list(mine.accessToken, '?language=fr')).json().items[0], { place: 'réseau local' })
  await data.owner.query(`update members set language = 'fr' where email_key = 'list@people.example'`)
  t.match((await list(mine.accessToken)).json().items[1], { place: 'Sao Tomé-et-Principe' }, 'the member speaks French')
  t.equal(outcome(await list(mine.accessToken, '?language=de')), '400 REQUEST_INVALID')
})

t.test('a refresh moves place and time on, and an operator’s session says so', async (t) => {
  await addMember(a, 'moves@people.example')
  const mine = await openAs(a, 'moves@people.example', { from: inCountry.us })
  t.match((await list(mine.accessToken, '?language=en')).json().items[0], { place: 'United States' })
  t.equal((await refresh(a, mine.refreshToken, { from: inCountry.fr })).statusCode, 200)
  await data.owner.query(`update sessions set operator = gen_random_uuid() where id = $1`, [
    sidOf((await openAs(a, 'moves@people.example')).accessToken),
  ])
  const [current, other] = (await list(mine.accessToken, '?language=en')).json().items
  t.match(current, { place: 'France', current: true })
  t.ok(current.lastSeenAt > current.createdAt)
  t.match(other, { operator: true, current: false })
})

t.test('another member’s, another site’s and expired sessions are not listed', async (t) => {
  await addMember(a, 'alone@people.example')
  await addMember(b, 'alone@people.example')
  const [mine, over, old] = [
    await openAs(a, 'alone@people.example'),
    await openAs(a, 'alone@people.example'),
    await openAs(a, 'alone@people.example'),
  ]
  await openAs(b, 'alone@people.example')
  t.equal((await list(mine.accessToken)).json().items.length, 3, 'control')
  await data.owner.query(`update sessions set idle_expires_at = now() where id = $1`, [sidOf(over.accessToken)])
  await data.owner.query(`update sessions set epoch = epoch - 1 where id = $1`, [sidOf(old.accessToken)])
  t.same(
    (await list(mine.accessToken)).json().items.map(({ id }: { id: string }) => id),
    [sidOf(mine.accessToken)],
  )
})

t.test('at most a hundred are listed, this one among them', async (t) => {
  const memberId = await addMember(a, 'many@people.example')
  const mine = await openAs(a, 'many@people.example')
  await data.owner.query(
    `insert into sessions (tenant_id, id, member_id, epoch, refresh_hash, created_at, idle_expires_at, expires_at)
     select $1, gen_random_uuid(), $2, 0, decode(md5(n::text) || md5('x' || n), 'hex'), now() + interval '1 s', now() + interval '1 day', now() + interval '1 day'
     from generate_series(1, 150) n`,
    [a.id, memberId],
  )
  const { items } = (await list(mine.accessToken)).json()
  t.equal(items.length, 100)
  t.equal(items[0].id, sidOf(mine.accessToken))
})

t.test('one of one’s own sessions ends within 2 s on every copy: 204, and 404 SESSION_UNKNOWN after', async (t) => {
  await addMember(a, 'ends@people.example')
  const [mine, lost] = [await openAs(a, 'ends@people.example'), await openAs(a, 'ends@people.example')]
  for (const on of [app, copy]) t.equal((await me(a, lost.accessToken, { on })).statusCode, 200, 'in the memory of both copies')
  const id = sidOf(lost.accessToken)
  t.equal((await end(mine.accessToken, id)).statusCode, 204)
  for (const on of [copy, app]) await eventually(t, 'it answers 401', async () => outcome(await me(a, lost.accessToken, { on })) === dead)
  t.equal(outcome(await refresh(a, lost.refreshToken)), '401 AUTH_REFRESH_INVALID')
  t.equal(outcome(await end(mine.accessToken, id)), '404 SESSION_UNKNOWN')
  t.equal((await me(a, mine.accessToken)).statusCode, 200)
  t.match(await sessionRow(lost.accessToken), { end_reason: 'revoked' })
  t.ok((await eventsOf('session.ended')).some(({ target }) => target === id))
})

t.test('a colleague’s session, another site’s and no id at all answer 404 SESSION_UNKNOWN and end nothing', async (t) => {
  await addMember(a, 'mine@people.example')
  await addMember(a, 'colleague@people.example')
  await addMember(b, 'mine@people.example')
  const mine = await openAs(a, 'mine@people.example')
  const foreign = [await openAs(a, 'colleague@people.example'), await openAs(b, 'mine@people.example')]
  for (const { accessToken } of foreign) t.equal(outcome(await end(mine.accessToken, sidOf(accessToken))), '404 SESSION_UNKNOWN')
  for (const id of ['x', sidOf(mine.accessToken).toUpperCase(), '%00', "'"]) t.equal((await end(mine.accessToken, id)).statusCode >= 400, true, id)
  for (const { accessToken } of [mine, ...foreign]) t.equal((await sessionRow(accessToken)).ended_at, null)
})

t.test('ending others keeps this one, on every copy, and its refresh token: 204', async (t) => {
  await addMember(a, 'others@people.example')
  const [mine, ...others] = [
    await openAs(a, 'others@people.example'),
    await openAs(a, 'others@people.example'),
    await openAs(a, 'others@people.example'),
  ]
  for (const { accessToken } of [mine, ...others]) t.equal((await me(a, accessToken, { on: copy })).statusCode, 200)
  t.equal((await endOthers(mine.accessToken)).statusCode, 204)
  for (const { accessToken, refreshToken } of others) {
    for (const on of [copy, app]) await eventually(t, 'it answers 401', async () => outcome(await me(a, accessToken, { on })) === dead)
    t.equal(outcome(await refresh(a, refreshToken)), '401 AUTH_REFRESH_INVALID')
  }
  for (const on of [copy, app]) t.equal((await me(a, mine.accessToken, { on })).statusCode, 200)
  t.equal((await refresh(a, mine.refreshToken)).statusCode, 200)
  t.match(await eventsOf('session.all-ended'), [{ details: { except: sidOf(mine.accessToken) } }])
})

t.test('two that end each other at once leave one of them, and a refresh beside it is not signed out', async (t) => {
  await addMember(a, 'duel@people.example')
  for (let round = 0; round < 5; round++) {
    const [one, other] = [await openAs(a, 'duel@people.example'), await openAs(a, 'duel@people.example')]
    const answers = await Promise.all([endOthers(one.accessToken), endOthers(other.accessToken)])
    t.same(answers.map(outcome).sort(), ['204', dead])
    const winner = answers[0]?.statusCode === 204 ? one : other
    const [again, refreshed] = await Promise.all([endOthers(winner.accessToken), refresh(a, winner.refreshToken, { on: copy })])
    t.same([again, refreshed].map(outcome), ['204', '200'])
    t.equal((await me(a, refreshed.json().accessToken)).statusCode, 200)
  }
})

t.test('ending sessions asks for a proof of the last ten minutes: 403 AUTH_PROOF_NEEDED, while the list does not', async (t) => {
  await addMember(a, 'stale@people.example')
  const [mine, lost] = [await openAs(a, 'stale@people.example'), await openAs(a, 'stale@people.example')]
  await ageProof(mine.accessToken, 601)
  t.equal(outcome(await end(mine.accessToken, sidOf(lost.accessToken))), '403 AUTH_PROOF_NEEDED')
  t.equal(outcome(await endOthers(mine.accessToken)), '403 AUTH_PROOF_NEEDED')
  t.equal((await list(mine.accessToken)).json().items.length, 2)
  await ageProof(mine.accessToken, 590)
  t.equal((await end(mine.accessToken, sidOf(lost.accessToken))).statusCode, 204)
})
