import { type Test, test } from 'tap'
import { createJobSession } from '../../src/jobs/job-session.ts'
import { workerName } from '../../src/jobs/worker-presence.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { startDatabaseProxy } from '../database-proxy.ts'
import { eventually } from '../eventually.ts'

function open(t: Test, data: TestDatabase) {
  const lost: unknown[] = []
  const session = createJobSession(data.url, (error) => lost.push(error))
  t.teardown(() => session.close())
  return { session, lost, backend: async () => (await session.query('select pg_backend_pid() as pid'))[0]?.pid }
}

test('a lock is held once, by one session of one process', async (t) => {
  const data = await createTestDatabase(t)
  const [one, other] = [open(t, data), open(t, data)]
  t.equal(await one.session.tryLock('mail a'), true)
  t.equal(await one.session.tryLock('mail a'), false, 'not twice by its holder either')
  t.equal(await other.session.tryLock('mail a'), false)
  t.equal(await other.session.tryLock('mail b'), true, 'another name is free')
  await other.session.unlock('mail a')
  t.equal(await other.session.tryLock('mail a'), false, 'nobody gives back what another holds')
  await one.session.unlock('mail a')
  t.equal(await other.session.tryLock('mail a'), true)
})

test('of ten tries at once one gets the lock', async (t) => {
  const data = await createTestDatabase(t)
  const { session } = open(t, data)
  const tries = await Promise.all(Array.from({ length: 10 }, () => session.tryLock('mail a')))
  t.equal(tries.filter(Boolean).length, 1)
})

test('a session that is cut loses its locks at once, says so, and takes the kept ones again', async (t) => {
  const data = await createTestDatabase(t)
  const [one, other] = [open(t, data), open(t, data)]
  t.equal(await one.session.tryLock('mail a'), true)
  await one.session.keepLock('worker 1')
  t.equal(await other.session.tryLock('worker 1'), false, 'control')
  await data.owner.query('select pg_terminate_backend($1)', [await one.backend()])
  await eventually(t, 'the loss is told', () => one.lost.length > 0)
  await eventually(t, 'what it held is free', () => other.session.tryLock('mail a'))
  await other.session.unlock('mail a')
  t.equal(await one.session.tryLock('mail a'), false, 'its own holder has not given it back')
  await one.session.unlock('mail a')
  t.equal(await one.session.tryLock('mail a'), true, 'it goes on with a new session')
  t.equal(await other.session.tryLock('worker 1'), false, 'which holds what is kept')
})

test('what a lost connection says late is not held against the one that was opened since', async (t) => {
  const data = await createTestDatabase(t)
  const lost: unknown[] = []
  const again: Promise<unknown>[] = []
  const session = createJobSession(data.url, (error) => {
    lost.push(error)
    again.push(session.query('select 1'))
  })
  t.teardown(() => session.close())
  await session.keepLock('worker 1')
  const [row] = await session.query('select pg_backend_pid() as pid')
  await data.owner.query('select pg_terminate_backend($1)', [row?.pid])
  await eventually(t, 'the loss is told', () => lost.length > 0)
  await Promise.all(again)
  const [one, other] = [await session.query('select pg_backend_pid() as pid'), await session.query('select pg_backend_pid() as pid')]
  t.same(one, other, 'it goes on with one session')
  t.equal(lost.length, 1)
  t.equal(
    (await data.owner.query(`select from pg_stat_activity where application_name = $1 and datname = current_database()`, [workerName])).rowCount,
    1,
  )
})

test('a lock that is asked for while the connection breaks is held once, and given back', async (t) => {
  const data = await createTestDatabase(t)
  const [one, other] = [open(t, data), open(t, data)]
  const pid = await one.backend()
  const slow = one.session.query('select pg_sleep(20)').catch(() => {})
  const names = ['mail a', 'mail b', 'mail c']
  const asked = names.map((name) => one.session.tryLock(name).catch(() => false))
  await eventually(t, 'it waits', async () => {
    const { rowCount } = await data.owner.query(`select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`, [pid])
    return rowCount === 1
  })
  await data.owner.query('select pg_terminate_backend($1)', [pid])
  await slow
  const held = (await Promise.all(asked)).flatMap((isHeld, at) => (isHeld ? [names[at] ?? ''] : []))
  t.ok(held.length > 0, 'control: by the new session')
  for (const name of held) {
    t.equal(await one.session.tryLock(name), false, `${name}: not twice`)
    await one.session.unlock(name)
    t.equal(await other.session.tryLock(name), true, `${name}: free for others`)
  }
})

test('what has not been answered in time is not done by a session that lives on', async (t) => {
  const data = await createTestDatabase(t)
  const { session, lost, backend } = open(t, data)
  const before = await backend()
  await t.rejects(session.query('select pg_sleep(30)'), /timeout/)
  t.not(await backend(), before)
  t.equal(lost.length, 1)
})

test('a database that is not there is an error, and no longer one when it is', async (t) => {
  const data = await createTestDatabase(t)
  const proxy = await startDatabaseProxy(t, data.url)
  const { session } = open(t, { ...data, url: proxy.through(data.url) })
  await proxy.down()
  await t.rejects(session.tryLock('mail a'))
  await proxy.up()
  t.equal(await session.tryLock('mail a'), true)
})
