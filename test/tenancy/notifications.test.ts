import t from 'tap'
import { createNotifications } from '../../src/db/notifications.ts'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'

const data = await createTestDatabase(t)
const errors: unknown[] = []
const heard: string[] = []
const gaps = { count: 0 }
const notifications = createNotifications(data.url, (error) => errors.push(error))
notifications.subscribe({ onMessage: (payload) => heard.push(payload), onGap: () => gaps.count++ })
t.teardown(() => notifications.stop())

const listeners = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query ~ '^(listen|select 1)'`

t.test('it is healthy once it listens, and what came before counts as missed', async (t) => {
  t.equal(notifications.healthy, false)
  notifications.start()
  await eventually(t, 'it is healthy', () => notifications.healthy)
  t.equal(gaps.count, 1)
})

t.test('changes of tenants and hosts arrive after their commit, and others’ messages do not', async (t) => {
  heard.length = 0
  await data.owner.query('begin')
  const tenant = await data.addTenant({ slug: 'one', host: 'one.example' })
  await data.owner.query(`notify other, 'not for us'`)
  await data.owner.query('select 1')
  t.same(heard, [])
  await data.owner.query('commit')
  await eventually(t, 'the messages arrive', () => heard.length >= 2)
  t.same([...new Set(heard)].sort(), [`h:one.example`, `t:${tenant.id}`])
})

t.test('a cut connection is followed by another, and the gap is told', async (t) => {
  const before = gaps.count
  const { rows } = await data.owner.query<{ pid: number }>(listeners)
  t.equal(rows.length, 1)
  await data.owner.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await eventually(t, 'the gap is told', () => gaps.count === before + 1, 4_000)
  await eventually(t, 'it is healthy again', () => notifications.healthy)
  t.ok(errors.length > 0, 'the loss was reported')
  heard.length = 0
  await data.owner.query(`notify tenantry, 't:after'`)
  await eventually(t, 'messages arrive again', () => heard.includes('t:after'))
})

t.test('stopping ends the connection', async (t) => {
  const before = errors.length
  await notifications.stop()
  t.equal(notifications.healthy, false)
  await eventually(t, 'no listener is left', async () => (await data.owner.query(listeners)).rowCount === 0)
  t.equal(errors.length, before, 'stopping is no failure')
})
