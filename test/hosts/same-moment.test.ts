import { randomBytes } from 'node:crypto'
import t from 'tap'
import { asOwner } from '../../src/tenancy/lifecycle.ts'
import { runTenantry } from '../cli/run-tenantry.ts'
import { connect } from '../database.ts'
import { eventually } from '../eventually.ts'
import { addFullSite, createHub } from '../site-archive/hub.ts'
import { arrangeHosts } from './arrange.ts'

const { data, one, add, publish, verify } = await arrangeHosts(t)
const gate = await connect(t, data.url)

/** Starts both while nothing can be written to the audit log, the second once the first waits, and lets them go on when both do. */
async function meet<One, Other>(first: () => Promise<One>, second: () => Promise<Other>): Promise<[One, Other]> {
  const waiting = 'select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()'
  const wait = (count: number) => eventually(t, `${count} wait`, async () => (await data.owner.query(waiting)).rowCount === count, 20_000)
  await gate.query('begin')
  await gate.query('lock table audit_events in access exclusive mode')
  const one = first()
  await wait(1)
  const other = second()
  await wait(2)
  await gate.query('commit')
  return Promise.all([one, other])
}

t.test('of two hosts of a new site that are proven at the same moment both are served, and one is canonical', async (t) => {
  await data.owner.query('delete from hosts where tenant_id = $1', [one.id])
  const hosts = ['a.example', 'b.example']
  for (const host of hosts) {
    await add({ slug: 'one', host })
    await publish(host, ['one'])
  }
  const prove = (host: string) => () => asOwner(data.url, (own) => verify('one', host, own))
  const both = await meet(prove('a.example'), prove('b.example'))
  t.same(
    both.map(({ row }) => [row.host, row.status, row.canonical]),
    [
      ['a.example', 'verified', true],
      ['b.example', 'verified', false],
    ],
  )
})

t.test('a host that a site is made with is never proven for another at the same moment, and nobody gets an error of the database', async (t) => {
  await add({ slug: 'other', host: 'new.example' })
  await publish('new.example', ['other'])
  const secretKeys = `test:${randomBytes(32).toString('base64')}`
  const [made, { row, holder }] = await meet(
    () =>
      runTenantry(['site', 'create', 'new', '--name', 'New', '--host', 'new.example'], {
        DATABASE_URL: data.url,
        SECRET_KEYS: secretKeys,
        PUBLIC_SCHEME: 'http',
      }),
    () => asOwner(data.url, (own) => verify('other', 'new.example', own)),
  )
  t.same(made, { code: 0, out: 'new is made: http://new.example\n', err: '' })
  t.match({ row, holder }, { row: { status: 'pending', finding: 'proof-held' }, holder: 'new' })
})

t.test('an import takes its turn for the hosts it brings', async (t) => {
  const hub = await createHub(t)
  const { archive } = await hub.export((await addFullSite(hub, 'cecab')).slug)
  const lock = `pg_advisory_lock(hashtextextended('host new.example', 0))`
  await hub.data.owner.query(`select ${lock}`)
  const imported = hub.import(archive, { newId: true, as: 'copy', hosts: ['new.example'] })
  await eventually(
    t,
    'it waits',
    async () => {
      const { rowCount } = await hub.data.owner.query(
        `select from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`,
      )
      return rowCount === 1
    },
    20_000,
  )
  await hub.data.owner.query('select pg_advisory_unlock_all()')
  t.match(await imported, { slug: 'copy' })
})
