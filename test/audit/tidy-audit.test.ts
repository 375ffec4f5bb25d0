import t from 'tap'
import { auditChore, tidyAudit } from '../../src/audit/tidy-audit.ts'
import { createJobSession } from '../../src/jobs/job-session.ts'
import { connect, createTestDatabase } from '../database.ts'

const data = await createTestDatabase(t)
const [one, other] = [await data.addTenant(), await data.addTenant()]
const session = createJobSession(data.url, () => {})
t.teardown(() => session.close())
const age = async (tenantId: string, days: number, count: number) =>
  data.owner.query(
    `insert into audit_events (tenant_id, id, at, action, actor_kind)
     select $1, (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid, moment, 'session.opened', 'system'
     from generate_series(1, $3) n, lateral (select now() - make_interval(days => $2)) as times (moment)`,
    [tenantId, days, count],
  )
const left = async (tenantId: string) =>
  (await data.owner.query('select count(*)::int as n from audit_events where tenant_id = $1', [tenantId])).rows[0].n

t.beforeEach(async () => {
  await data.owner.query('delete from audit_events')
  for (const { id } of [one, other]) {
    await age(id, 800, 4_500)
    await age(id, 100, 20)
    await age(id, 0, 3)
  }
})

t.test('what is older goes, of this site alone, in as many batches as it takes', async (t) => {
  t.equal(await tidyAudit(session, { tenantId: one.id, days: 730 }), 4_500)
  t.equal(await left(one.id), 23)
  t.equal(await left(other.id), 4_523, 'the other site keeps its own')
  t.equal(await tidyAudit(session, { tenantId: one.id, days: 730 }), 0, 'again')
})

t.test('nothing younger than 90 days goes, whatever is asked for', async (t) => {
  await data.owner.query(`delete from audit_events where at < now() - interval '101 days'`)
  for (const days of [0, -5, 89]) await tidyAudit(session, { tenantId: one.id, days })
  t.equal(await left(one.id), 3)
})

t.test('as a chore it takes the days of the configuration', async (t) => {
  const chore = auditChore(session, 90)
  await chore.run(data.open().forTenant(one.id), one.id)
  t.equal(await left(one.id), 3)
})

t.test('the service’s role may neither call it nor delete', async (t) => {
  const app = await connect(t, data.url)
  await app.query('set role tenantry_app')
  await app.query(`select set_config('app.tenant_id', $1, false)`, [one.id])
  await t.rejects(app.query('select tidy_audit($1, 730, 10)', [one.id]), { code: '42501' })
  for (const statement of ['delete from audit_events', `update audit_events set action = 'x.y'`, 'truncate audit_events']) {
    await t.rejects(app.query(statement), { code: '42501' }, statement)
  }
  t.equal((await app.query('select count(*)::int as n from audit_events')).rows[0].n, 4_523, 'control: it reads them')
})

t.test('it leaves no tenant set on the connection of the worker', async (t) => {
  const jobs = await connect(t, data.url)
  await jobs.query('set role tenantry_jobs')
  await jobs.query('begin')
  await jobs.query('select tidy_audit($1, 730, 1)', [one.id])
  t.equal((await jobs.query(`select coalesce(current_setting('app.tenant_id', true), '') as tenant`)).rows[0].tenant, '')
  await jobs.query('commit')
  await t.rejects(jobs.query('select * from audit_events'), { code: '42501' })
})
