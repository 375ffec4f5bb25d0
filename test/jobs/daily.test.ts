import { type Test, test } from 'tap'
import { createDailyTask, type DailyChore } from '../../src/jobs/daily.ts'
import { createTestDatabase } from '../database.ts'
import { startDatabaseProxy } from '../database-proxy.ts'

/** Runs the job and those that it adds, until none is left, and answers what each was given. */
async function pass(task: ReturnType<typeof createDailyTask>, first: object = {}, signal?: AbortSignal): Promise<object[]> {
  const payloads: object[] = []
  let next: object | undefined = first
  while (next) {
    const payload: object = next
    next = undefined
    payloads.push({ ...payload })
    const helpers = {
      addJob: async (_task: string, added: object) => {
        next = added
      },
      abortSignal: signal,
    }
    await task(payload, helpers)
    if (signal?.aborted) break
  }
  return payloads
}

async function start(t: Test, sites: number) {
  const data = await createTestDatabase(t)
  const ids: string[] = []
  for (let n = 0; n < sites; n++) ids.push((await data.addTenant()).id)
  const warnings: object[] = []
  const log = { warn: (context: object) => void warnings.push(context), debug: () => {} }
  return { data, ids: ids.sort(), warnings, log, database: data.open() }
}

function recorder(name: string, fails: (tenantId: string) => boolean = () => false): DailyChore & { done: string[] } {
  const done: string[] = []
  return {
    name,
    done,
    async run(db, tenantId) {
      const [row] = await db.$queryRaw<{ tenant: string }[]>`select current_setting('app.tenant_id') as tenant`
      if (row?.tenant !== tenantId) throw new Error('bound to another site')
      if (fails(tenantId)) throw new Error(`${name} fails`)
      done.push(tenantId)
    },
  }
}

test('every site has every chore done once, in as many jobs as it takes, bound to that site', async (t) => {
  const { database, ids, warnings, log, data } = await start(t, 205)
  await data.owner.query(`update tenants set status = 'suspended' where id = $1`, [ids[0]])
  await data.owner.query(`update tenants set status = 'deleted' where id = $1`, [ids[1]])
  const chores = [recorder('one'), recorder('other')]
  const jobs = await pass(createDailyTask({ database, chores, log }))
  for (const { done } of chores) t.same(done, ids)
  t.ok(jobs.length >= 3, 'no job is long')
  t.same(warnings, [])
})

test('a chore that fails at a site is told and counted, and stops neither the other chores nor the other sites', async (t) => {
  const { database, ids, warnings, log } = await start(t, 3)
  const [bad, good] = [recorder('bad', (id) => id === ids[1]), recorder('good')]
  await pass(createDailyTask({ database, chores: [bad, good], log }))
  t.same(bad.done, [ids[0], ids[2]])
  t.same(good.done, ids)
  t.match(warnings, [
    { tenantId: ids[1], chore: 'bad', err: /bad fails/ },
    { sites: 3, failures: 1 },
  ])
})

test('a database that is away fails the job, so that it is tried again from where it began', async (t) => {
  const { data, ids, warnings, log } = await start(t, 2)
  const proxy = await startDatabaseProxy(t, data.url)
  const database = data.open({ url: proxy.through(data.url) })
  const chore = recorder('chore')
  const cut: DailyChore = {
    name: 'cut',
    async run(_db, tenantId) {
      if (tenantId === ids[1]) await proxy.down()
    },
  }
  await t.rejects(pass(createDailyTask({ database, chores: [cut, chore], log })))
  t.same(chore.done, [ids[0]])
  t.same(warnings, [], 'it is no site’s fault')
  await proxy.up()
  await pass(createDailyTask({ database, chores: [chore], log }))
  t.same(chore.done, [ids[0], ...ids])
})

test('a process that stops hands the rest to the next job', async (t) => {
  const { database, ids, log } = await start(t, 4)
  const stopping = new AbortController()
  const first = recorder('chore')
  const stop: DailyChore = {
    name: 'stop',
    async run(_db, tenantId) {
      if (tenantId === ids[1]) stopping.abort()
    },
  }
  let rest: object | undefined
  const helpers = {
    addJob: async (_task: string, added: object) => {
      rest = added
    },
    abortSignal: stopping.signal,
  }
  await createDailyTask({ database, chores: [first, stop], log })({}, helpers)
  t.same(first.done, ids.slice(0, 2))
  t.match(rest, { after: ids[1], sites: 2, failures: 0 })
  const second = recorder('chore')
  await pass(createDailyTask({ database, chores: [second], log }), rest)
  t.same(second.done, ids.slice(2))
})

test('no sites, and a payload that is none of ours, end well', async (t) => {
  const { database, log, data } = await start(t, 0)
  t.equal((await pass(createDailyTask({ database, chores: [], log }))).length, 1)
  const { id } = await data.addTenant()
  for (const payload of [{ after: "' or 1=1 --", sites: 'x' }, { after: 5 }, { _cron: { ts: 'x' } }]) {
    const chore = recorder('chore')
    await pass(createDailyTask({ database, chores: [chore], log }), payload)
    t.same(chore.done, [id])
  }
})
