import type { Task } from 'graphile-worker'
import { type Test, test } from 'tap'
import { createJobSession, type JobSession } from '../../src/jobs/job-session.ts'
import { runJobs } from '../../src/jobs/run-jobs.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { startDatabaseProxy } from '../database-proxy.ts'
import { eventually } from '../eventually.ts'

const patience = 20_000

function work(t: Test, databaseUrl: string, note: Task) {
  const session: JobSession = createJobSession(databaseUrl, () => {})
  const jobs = runJobs({ databaseUrl, session, tasks: { note }, concurrency: 1, onError: () => {} })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= jobs.stop().then(() => session.close())
    return stopping
  }
  t.teardown(stop)
  return { session, stop }
}

const add = ({ owner }: TestDatabase, name: string) =>
  owner.query(`select graphile_worker.add_job('note', json_build_object('name', $1::text))`, [name])
const left = async ({ owner }: TestDatabase) => (await owner.query('select id from graphile_worker._private_jobs')).rowCount
const nameOf = (payload: unknown) => String(Reflect.get(Object(payload), 'name'))

test('a job that is added is done, and gone', async (t) => {
  const data = await createTestDatabase(t)
  const done: string[] = []
  work(t, data.url, async (payload) => void done.push(nameOf(payload)))
  await add(data, 'first')
  await eventually(t, 'it is done', () => done.includes('first'), patience)
  await eventually(t, 'the queue is empty', async () => (await left(data)) === 0, patience)
})

test('what a worker left that is no more is done by another, within seconds', async (t) => {
  const data = await createTestDatabase(t)
  let began = false
  let letGo = () => {}
  const stuck = new Promise<void>((done) => {
    letGo = done
  })
  const dead = work(t, data.url, async () => {
    began = true
    await stuck
  })
  t.teardown(() => letGo())
  await add(data, 'left')
  await eventually(t, 'the first worker has it', () => began, patience)
  const done: string[] = []
  work(t, data.url, async (payload) => void done.push(nameOf(payload)))
  await add(data, 'control')
  await eventually(t, 'the second worker works', () => done.includes('control'), patience)
  t.notOk(done.includes('left'), 'while its worker lives the job is left to it')
  // As a killed process does: its session ends with it.
  await dead.session.close()
  await eventually(t, 'the second worker has taken it over', () => done.includes('left'), patience)
  letGo()
  await dead.stop()
})

test('a worker goes on when the database is back', async (t) => {
  const data = await createTestDatabase(t)
  const proxy = await startDatabaseProxy(t, data.url)
  const done: string[] = []
  work(t, proxy.through(data.url), async (payload) => void done.push(nameOf(payload)))
  await add(data, 'before')
  await eventually(t, 'it works', () => done.includes('before'), patience)
  await proxy.down()
  await add(data, 'meanwhile')
  await proxy.up()
  await eventually(t, 'it works again', () => done.includes('meanwhile'), 60_000)
})

test('a database that comes and goes costs no job and no promise', { timeout: 110_000 }, async (t) => {
  const data = await createTestDatabase(t)
  const proxy = await startDatabaseProxy(t, data.url)
  let done = 0
  // Each adds the next: as many are always under way, also at the moment the database goes.
  const { stop } = work(t, proxy.through(data.url), async (_payload, { addJob }) => {
    done++
    await addJob('note', {})
  })
  for (let n = 0; n < 20; n++) await add(data, 'again')
  for (let round = 0; round < 3; round++) {
    const before = done
    await eventually(t, 'jobs are done', () => done > before + 100, 30_000)
    await proxy.down()
    await proxy.up()
  }
  await stop()
  t.ok(Number(await left(data)) >= 20, 'no job is lost')
  work(t, data.url, async () => {})
  await eventually(t, 'none is left locked', async () => (await left(data)) === 0, patience)
})
