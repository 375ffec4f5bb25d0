import { test } from 'tap'
import { setCanonical } from '../../src/hosts/set-canonical.ts'
import { connect } from '../database.ts'
import { eventually } from '../eventually.ts'
import { arrangeHosts } from './arrange.ts'

test('of two hosts that are made canonical at once one is it in the end, and neither command fails', async (t) => {
  const { data, one, add, events } = await arrangeHosts(t)
  const hosts = ['a.example', 'b.example'] as const
  for (const host of hosts) await add({ slug: 'one', host, proven: true })
  const sessions = await Promise.all(
    hosts.map(async () => {
      const session = await connect(t, data.url)
      await session.query('set role tenantry_owner')
      return session
    }),
  )
  // Who holds the row that both have to change first lets both begin before either can go on.
  await data.owner.query('begin')
  await data.owner.query('select from hosts where tenant_id = $1 and canonical for update', [one.id])
  const set = Promise.all(sessions.map((session, at) => setCanonical(session, 'one', hosts[at] ?? '')))
  set.catch(() => {})
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const control = await connect(t, data.url)
  await eventually(t, 'both wait', async () => (await control.query(waiting)).rowCount === 2, 10_000)
  await data.owner.query('commit')
  t.same(await set, [true, true])
  const { rows } = await data.owner.query('select host from hosts where tenant_id = $1 and canonical', [one.id])
  const became = (await events(one)).filter(([action]) => action === 'host.became-canonical').map(([, host]) => host)
  t.same(became.toSorted(), hosts, 'each is in the log')
  t.match(rows, [{ host: /^[ab]\.example$/ }])
  t.equal(rows.length, 1)
})
