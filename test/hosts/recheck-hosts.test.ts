import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { proofName } from '../../src/hosts/host-records.ts'
import { createRecheckTask } from '../../src/hosts/recheck-hosts.ts'
import { createJobSession } from '../../src/jobs/job-session.ts'
import { eventually } from '../eventually.ts'
import { startTestWorker } from '../mail/worker.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { arrangeHosts } from './arrange.ts'

async function arrange(t: Test, dnsOptions: Parameters<typeof arrangeHosts>[1] = {}) {
  const hub = await arrangeHosts(t, dnsOptions)
  const jobs = createJobSession(hub.data.url, () => {})
  t.teardown(() => jobs.close())
  const warnings: string[] = []
  const log = { warn: (_context: object, message: string) => void warnings.push(message), debug: () => {} }
  const task = createRecheckTask({ database: hub.data.open(), jobs, dns: hub.server.dns, targets: hub.config.hosts.targets, log })
  /** Runs the job and those that it adds, until none is left, and answers how many there were. */
  const pass = async (signal?: AbortSignal, between: (payload: object) => void = () => {}): Promise<object[]> => {
    const payloads: object[] = []
    for (let next: object | undefined = {}; next; ) {
      const payload: object = next
      payloads.push(payload)
      next = undefined
      const helpers = {
        addJob: async (_task: string, added: object) => {
          between(added)
          next = added
        },
        abortSignal: signal,
      }
      await task(payload, helpers)
      if (signal?.aborted) return next ? [...payloads, next] : payloads
    }
    return payloads
  }
  const prove = async (slug: string, host: string) => {
    await hub.add({ slug, host })
    await hub.publish(host, [slug])
    await hub.verify(slug, host)
  }
  return { ...hub, warnings, pass, prove }
}

test('every verified host is looked at once a day, in as many jobs as it takes; claims are not', async (t) => {
  const { pass, prove, add, data, read, server } = await arrange(t)
  for (let at = 0; at < 3; at++) await prove('one', `h${at}.example`)
  await data.owner.query(
    `insert into hosts (tenant_id, host, status, token, proven_at) select id, slug || n || '.example', 'verified', null, null from tenants, generate_series(1, 60) n`,
  )
  await add({ slug: 'one', host: 'claimed.example' })
  await data.owner.query('update hosts set checked_at = null')
  server.asked.length = 0
  t.equal((await pass()).length, 3, '125 hosts, 50 a job')
  const { rows } = await data.owner.query('select host from hosts where checked_at is null')
  t.same(rows, [{ host: 'claimed.example' }])
  t.match(await read('one', 'h0.example'), { finding: 'all-well', failures: 0 })
  t.match(await read('one', 'one1.example'), { finding: 'proof-unasked', status: 'verified' })
})

test('a host whose proof is gone is released by the third day’s look, told once, and by nobody’s silence before a month', async (t) => {
  const { pass, prove, zone, read, age, warnings, events, one } = await arrange(t)
  await prove('one', 'gone.example')
  await prove('one', 'silent.example')
  await prove('other', 'sound.example')
  zone.delete(proofName('gone.example'))
  zone.set(proofName('silent.example'), { fails: 'servfail' })
  for (let day = 0; day < 3; day++) {
    await pass()
    t.match(await read('one', 'gone.example'), { status: 'verified', failures: day + 1 })
    for (const host of ['gone.example', 'silent.example']) await age(host, 1)
  }
  await pass()
  t.match(await read('one', 'gone.example'), { status: 'pending', releasedAt: /./ })
  t.match(await read('one', 'silent.example'), { status: 'verified', finding: 'proof-unreachable' })
  const lost = 'a host has lost its proof; without it, it is released after three days'
  t.same(warnings, [lost, lost, lost, 'a host is released: its proof was gone for too long'])
  t.match((await events(one)).at(-1), ['host.released', 'gone.example', { why: 'proof-failed' }])
  await age('silent.example', 28)
  await pass()
  t.match(await read('one', 'silent.example'), { status: 'pending' })
})

test('a host by an operator’s word is never released, and is proven once its record is seen', async (t) => {
  const { pass, add, publish, read, data, zone } = await arrange(t)
  await add({ slug: 'one', host: 'word.example', proven: true })
  for (let look = 0; look < 5; look++) await pass()
  await data.owner.query(`update hosts set failing_since = now() - interval '1 year' where failing_since is not null`)
  await pass()
  t.match(await read('one', 'word.example'), { status: 'verified', failingSince: null, failures: 0, provenAt: null, finding: 'proof-unasked' })
  await publish('word.example', ['one'])
  await pass()
  t.match(await read('one', 'word.example'), { status: 'verified', provenAt: /./, finding: 'all-well', pointedAt: /./ })
  zone.delete(proofName('word.example'))
  await pass()
  t.match(await read('one', 'word.example'), { failures: 1 }, 'from then on it has a proof to lose')
})

test('a name server that knows nobody any more counts against nobody', async (t) => {
  const { pass, prove, zone, data, read, warnings } = await arrange(t)
  const slugs = ['one', 'other', 's2', 's3', 's4']
  for (const slug of slugs.slice(2)) await data.addTenant({ slug })
  for (const slug of slugs) await prove(slug, `${slug}.example`)
  for (let at = 0; at < 6; at++) await prove('one', `h${at}.example`)
  const whole = new Map(zone)
  zone.clear()
  await pass()
  t.match(warnings, [/^most sites seem to have lost a proof at once: DNS_SERVERS/])
  t.same((await data.owner.query('select max(failures)::int as most from hosts')).rows, [{ most: 0 }])
  for (const [name, records] of whole) zone.set(name, records)
  for (const name of zone.keys()) if (/^_tenantry\.(one|h\d)\./.test(name)) zone.delete(name)
  await pass()
  t.equal((await read('one', 'h0.example')).failures, 1, 'control: one site that loses all its own does count')
  t.equal((await read('s2', 's2.example')).failures, 0)
  t.equal(warnings.filter((warning) => warning.startsWith('most sites')).length, 1)
})

test('a look that finds all is over in one go; who lost a proof is looked at a second time, and believed if it is there', async (t) => {
  const { pass, prove, zone, read } = await arrange(t)
  for (const host of ['sound.example', 'gone.example', 'back.example']) await prove('one', host)
  t.equal((await pass()).length, 1)
  const back = zone.get(proofName('back.example')) ?? {}
  zone.delete(proofName('gone.example'))
  zone.set(proofName('back.example'), { fails: 'servfail' })
  const jobs = await pass(undefined, () => void zone.set(proofName('back.example'), back))
  t.match(jobs, [{}, { again: true }])
  t.match(await read('one', 'back.example'), { failingSince: null, finding: 'all-well' })
  t.match(await read('one', 'gone.example'), { failures: 1, failingSince: /./ })
})

test('nothing of it counts however the lost proofs fall into jobs: whole sites into the first, a few into the last', async (t) => {
  const { pass, data, one, server, warnings } = await arrange(t)
  await data.owner.query(`insert into tenants (id, slug) select gen_random_uuid(), 'n' || n from generate_series(1, 51) n`)
  const lose = `insert into hosts (tenant_id, host, status, token, proven_at) select id, name || '.example', 'verified', repeat('x', 43), now()`
  await data.owner.query(`${lose} from tenants, lateral (select slug as name) s where slug ~ '^n'`)
  await data.owner.query(`${lose} from tenants, lateral (select 'one' || n as name from generate_series(1, 52) n) s where id = $1`, [one.id])
  await data.owner.query(`update tenants set id = '00000000-0000-7000-8000-000000000000' where id = $1`, [one.id])
  t.equal((await pass()).length, 3)
  t.ok(server.asked.length > 100, 'control: they were looked at')
  const { rows } = await data.owner.query('select from hosts where failing_since is not null or failures > 0')
  t.same(rows, [])
  t.same(
    warnings.map((warning) => warning.split(':')[0]),
    ['most sites seem to have lost a proof at once'],
  )
})

test('a resolver that is silent for months releases nobody, on a hub of many sites or of one, and is told of every day', async (t) => {
  for (const more of [4, 0]) {
    const { pass, prove, zone, data, age, warnings, read } = await arrange(t)
    for (let at = 0; at < more; at++) {
      await data.addTenant({ slug: `s${at}` })
      await prove(`s${at}`, `s${at}.example`)
    }
    await prove('one', 'a.example')
    await prove('one', 'b.example')
    const whole = new Map(zone)
    for (const name of zone.keys()) zone.set(name, { fails: 'servfail' })
    await data.owner.query(`update hosts set failing_since = now() - interval '29 days', finding = 'proof-unreachable' where host = 'a.example'`)
    for (let day = 0; day < 2; day++) {
      await pass()
      for (const host of ['a.example', 'b.example']) await age(host, 31)
    }
    t.match(await read('one', 'a.example'), { status: 'verified' }, `${more} more: also where it had begun before`)
    t.match(await read('one', 'b.example'), { status: 'verified', failingSince: null, finding: 'all-well' })
    t.equal(warnings.length, 2)
    t.match(warnings, Array(2).fill(/DNS_SERVERS or the resolver of this machine is wrong or out of reach/))
    for (const [name, records] of whole) zone.set(name, records)
    zone.set(proofName('b.example'), { fails: 'servfail' })
    await pass()
    t.match(await read('one', 'b.example'), { status: 'verified', failingSince: /./ }, 'control: one that is silent while others answer')
    t.match(await read('one', 'a.example'), { failingSince: null })
  }
})

test('name servers that never answer hold nothing up for longer than their deadline', async (t) => {
  const { pass, prove, zone, read } = await arrange(t, { timeoutMs: 200, tries: 1, deadlineMs: 400 })
  for (let at = 0; at < 12; at++) await prove('one', `h${at}.example`)
  await prove('other', 'sound.example')
  for (let at = 0; at < 12; at++) zone.set(proofName(`h${at}.example`), { fails: 'silent' }).set(`h${at}.example`, { fails: 'silent' })
  const began = Date.now()
  await pass()
  t.ok(Date.now() - began < 5_000, 'side by side')
  t.match(await read('one', 'h3.example'), { status: 'verified', failures: 0, finding: 'proof-unreachable', failingSince: /./ })
})

test('a process that stops hands the rest to the next job; hosts of deleted sites are left alone', async (t) => {
  const { pass, prove, data, read } = await arrange(t)
  await prove('one', 'a.example')
  await prove('other', 'b.example')
  await data.owner.query('update hosts set checked_at = null')
  const [, rest] = await pass(AbortSignal.abort())
  t.match(rest, { tenantId: '00000000-0000-0000-0000-000000000000', host: '' }, 'from the beginning')
  t.match(await read('one', 'a.example'), { checkedAt: null })
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'other'`)
  await pass()
  t.match(await read('one', 'a.example'), { checkedAt: /./ })
  const { rows } = await data.owner.query(`select checked_at from hosts where host = 'b.example'`)
  t.same(rows, [{ checked_at: null }])
})

test('the worker of a service does it, as the role of jobs, by the name servers it was given', async (t) => {
  const { prove, zone, read, data, server } = await arrange(t)
  await prove('one', 'a.example')
  zone.delete(proofName('a.example'))
  const config = loadConfig({
    DATABASE_URL: data.url,
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    STORAGE_DIR: await temporaryFolder(t),
    DNS_SERVERS: server.address,
  })
  const { stop } = startTestWorker(t, { config, database: data.open() })
  await eventually(
    t,
    'the queue is there',
    async () => (await data.owner.query(`select to_regclass('graphile_worker._private_jobs') as found`)).rows[0].found !== null,
    20_000,
  )
  await data.owner.query(`select graphile_worker.add_job('check-hosts', '{}')`)
  await eventually(t, 'the host is looked at', async () => (await read('one', 'a.example')).failures === 1, 20_000)
  await stop()
})
