import t, { type Test } from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { newId } from '../../src/security/random-token.ts'
import { createTestApp, password } from '../app.ts'
import { authCalls, outcome } from '../auth/auth-calls.ts'
import { connect } from '../database.ts'
import { type Statement, watchStatements } from '../single-statements.ts'
import { addEvents } from './audit-rows.ts'

const { app, data, a, b } = await createTestApp(t)
const { open, send, signIn } = authCalls(app)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const { accessToken } = await open(a)
const list = async (query = '', token = accessToken) => send(a, { url: `/v1/audit${query}` }, bearer(token))
const gone = newId()
await addEvents(data, a.id, { count: 120, actors: [a.owner.id, gone] })
await addEvents(data, b.id, { count: 10, actors: [b.owner.id] })

t.test('pages come newest first, hold every event once, and end', async (t) => {
  const seen: string[] = []
  let [query, pages] = ['?limit=50', 0]
  for (let next: string | null = ''; next !== null; pages++) {
    const answer = await list(query + (next ? `&after=${next}` : ''))
    t.equal(answer.statusCode, 200, answer.body)
    seen.push(...answer.json().items.map(({ id }: { id: string }) => id))
    next = answer.json().next
  }
  const { rows } = await data.owner.query('select id from audit_events where tenant_id = $1 order by id desc', [a.id])
  t.strictSame(
    seen,
    rows.map(({ id }) => id),
  )
  t.ok(pages === 3 && seen.length > 120, 'the owner’s sign-in is among them')
  query = ''
})

t.test('an event says who, by the name of today, from where, and what', async (t) => {
  const [opened] = (await list('?limit=1')).json().items
  t.match(opened, {
    action: 'session.opened',
    actor: { kind: 'member', id: a.owner.id, name: 'Owner' },
    target: { kind: 'session' },
    details: { methods: ['password'] },
  })
  t.match(opened.address, /^198\.18\./)
  t.match(opened.request, /^[0-9a-f-]{36}$/)
  await data.owner.query(`update members set name = 'Renamed' where id = $1`, [a.owner.id])
  const names = (await list('?limit=3')).json().items.map(({ actor }: { actor: { id: string; name: string | null } }) => [actor.id, actor.name])
  t.strictSame(
    new Map(names),
    new Map([
      [a.owner.id, 'Renamed'],
      [gone, null],
    ]),
    'and null for who is gone',
  )
})

t.test('filters narrow by action, actor, target and time, alone and together', async (t) => {
  const ask = async (query: string) => (await list(`?limit=100&${query}`)).json().items
  t.strictSame(
    (await ask('action=role.changed')).map(({ details }: { details: { n: number } }) => details.n),
    [0],
  )
  t.equal((await ask(`actor=${gone}`)).length, 60)
  t.equal((await ask(`actor=${gone.toUpperCase()}`)).length, 60)
  t.equal((await ask('target=role-0')).length, 1)
  t.equal((await ask(`action=role.changed&actor=${gone}`)).length, 0)
  const { rows } = await data.owner.query(`select at from audit_events where tenant_id = $1 and details->>'n' in ('30', '40') order by at`, [a.id])
  const [from, to] = rows.map(({ at }) => at.toISOString())
  const within = (await ask(`from=${from}&to=${to}`)).map(({ details }: { details: { n: number } }) => details.n)
  t.strictSame(within, [39, 38, 37, 36, 35, 34, 33, 32, 31, 30], 'from counts, to does not')
})

t.test('what is no filter answers 400', async (t) => {
  for (const query of [
    'action=nothing.done',
    'actor=x',
    'from=yesterday',
    'to=2016-12-31T23:59:60Z',
    'from=0000-01-01T00:00:00Z',
    'limit=101',
    'limit=0',
    'tenant=x',
    'target=',
  ]) {
    t.equal(outcome(await list(`?${query}`)), '400 REQUEST_INVALID', query)
  }
  const { next } = (await list('?limit=1')).json()
  t.equal(outcome(await list(`?limit=1&actor=${gone}&after=${next}`)), '400 CURSOR_INVALID', 'a cursor of another filter')
  const other = await open(b)
  t.equal(outcome(await send(b, { url: `/v1/audit?limit=1&after=${next}` }, bearer(other.accessToken))), '400 CURSOR_INVALID', 'of another site')
})

t.test('another site sees its own events alone', async (t) => {
  const { items } = (await send(b, { url: '/v1/audit?limit=100' }, bearer((await open(b)).accessToken))).json()
  t.ok(items.length >= 11)
  t.ok(items.every(({ actor }: { actor: { id: string } }) => actor.id === b.owner.id))
})

t.test('an editor may not read it: 403', async (t) => {
  const [tenantId, email] = [a.id, 'editor@site-a.example']
  await createMember(data.open({ max: 1 }).forTenant(tenantId), app.hasher, { tenantId, email, name: 'E', password, role: 'editor' })
  const editor = (await signIn(a, { email, password })).json()
  t.equal(outcome(await list('', editor.accessToken)), '403 AUTH_FORBIDDEN')
})

t.test('with 100,000 events every filter reads an index, behind the policies', async (t) => {
  await addEvents(data, a.id, { count: 100_000, actors: Array.from({ length: 200 }, () => newId()) })
  await data.owner.query('analyze audit_events')
  const [from, longAgo] = [1, 60].map((days) => new Date(Date.now() - days * 86_400_000).toISOString())
  const { rows } = await data.owner.query(`select actor from audit_events where tenant_id = $1 and details->>'n' = '777'`, [a.id])
  const page = (await list('?limit=50')).json().next
  for (const query of [
    '',
    `after=${page}`,
    'action=role.changed',
    `actor=${rows[0].actor}`,
    'target=role-500',
    `from=${from}`,
    `action=session.opened&from=${from}`,
    `from=${longAgo}`,
    `to=${longAgo}`,
  ]) {
    const statement = await capture(t, () => list(`?${query || 'limit=50'}`))
    const plan = await explain(statement)
    t.match(plan, /Index (Only )?Scan/, query)
    t.notMatch(plan, /Seq Scan/, query)
    const read = Number(/Buffers: shared hit=(\d+)/.exec(plan)?.[1] ?? 0) + Number(/ read=(\d+)/.exec(plan)?.[1] ?? 0)
    t.ok(read < 700, `${query || 'no filter'}: ${read} pages of memory\n${plan}`)
  }
})

/** The statement that reads the log, with its values, as the service sends it. */
async function capture(t: Test, work: () => ReturnType<typeof list>): Promise<Statement> {
  const seen: Statement[] = []
  const stop = watchStatements(app, (statement) => seen.push(statement))
  t.equal(outcome(await work()), '200')
  stop()
  const found = seen.find(({ text }) => /from "public"\."audit_events"/i.test(text))
  if (!found) throw new Error(`the log was not read by ${seen.map(({ text }) => text).join('\n')}`)
  return found
}

async function explain({ text, values }: Statement): Promise<string> {
  const client = await connect(t, data.url)
  await client.query('set role tenantry_app')
  await client.query(`select set_config('app.tenant_id', $1, false)`, [a.id])
  const { rows } = await client.query(`explain (analyze, buffers, timing off) ${text}`, values)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}
