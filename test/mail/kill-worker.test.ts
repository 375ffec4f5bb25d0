import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { type Test, test } from 'tap'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { addMailSite, queueMails } from './mail-sites.ts'

const kills = 50
const sites = 24
/** Each kills three times: the test takes as long as three lives. */
const workers = 17
/**
 * How long a worker works on average, and what the server takes for a mail, as slow ones on the Internet do: milliseconds. Between the last byte of a
 * mail and its mark lie about eight of them, in which a kill means that it is sent again: how many come twice is that against the life. With a server
 * that answers at once the processors are never idle, those eight become fifteen and more, and the test measures the machine.
 */
const life = 45_000
const serverTime = 1_000

test(`of a worker killed ${kills} times during a drain no mail is lost, and at most one in a thousand comes twice`, {
  timeout: 580_000,
}, async (t) => {
  const data = await createTestDatabase(t)
  const database = data.open()
  const server = await startCountingServer(t)
  const tenants = await Promise.all(Array.from({ length: sites }, () => addMailSite(data, database, server)))
  let queued = 0
  /** One for all workers: those that are killed at the same time would each add as much, for a drain of minutes at the end. */
  let filling: Promise<void> | undefined
  const refill = async () => {
    for (const { id } of tenants) await queueMails(database, id, 100)
    queued += 100 * sites
  }
  await refill()
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    DATABASE_URL: data.url,
    DATABASE_POOL_MAX: '4',
    SECRET_KEYS: `k:${randomBytes(32).toString('base64')}`,
    MAIL_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
    WORKER_CONCURRENCY: '1',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
  }
  let begun = 0
  let killed = 0
  const running = new Set<ChildProcess>()
  t.teardown(() => {
    for (const worker of running) worker.kill('SIGKILL')
  })
  /** A worker, once it works. */
  const start = async () => {
    const worker = spawn(process.execPath, ['src/worker.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    running.add(worker)
    worker.once('exit', () => running.delete(worker))
    for await (const line of createInterface({ input: worker.stdout })) if (line.includes('the worker works')) break
    worker.stdout.resume()
    return worker
  }
  /** Starts a worker, lets it send, and kills it wherever it is. */
  const oneAfterTheOther = async () => {
    while (begun++ < kills) {
      const worker = await start()
      await delay(life * (0.7 + 0.6 * Math.random()))
      if (server.arrived() > queued - 60 * sites)
        filling ??= refill().finally(() => {
          filling = undefined
        })
      await filling
      if (worker.exitCode !== null) t.fail(`a worker ended by itself: ${worker.exitCode}`)
      const gone = once(worker, 'exit')
      worker.kill('SIGKILL')
      await gone
      killed++
    }
  }
  await Promise.all(Array.from({ length: workers }, oneAfterTheOther))
  const before = server.arrived()
  t.ok(before < queued, 'the last kill came before the end')
  server.hurry()
  const last = await Promise.all(Array.from({ length: 5 }, start))
  await eventually(t, 'the rest arrives', () => server.arrived() === queued, 240_000)
  await eventually(t, 'nothing waits any more', async () => (await waiting()).length === 0, 10_000)
  for (const row of await waiting()) t.comment(JSON.stringify(row))
  for (const worker of last) {
    const gone = once(worker, 'exit')
    worker.kill('SIGTERM')
    t.same(await gone, [0, null], 'a worker stops when it is asked to')
  }
  /** What is still to be sent, by site, and what it waits for. */
  async function waiting(): Promise<object[]> {
    const { rows } = await data.owner.query(`
      select m.tenant_id, m.status, m.last_error, count(*)::int, min(m.next_attempt_at) - now() as until,
        (select max(paused_until) - now() from mail_accounts a where a.tenant_id = m.tenant_id) as paused
      from mail_messages m where m.status <> 'sent' group by 1, 2, 3`)
    return rows
  }
  t.equal(killed, kills)
  t.equal(server.arrived(), queued, 'every mail arrived')
  t.comment(`${queued} mails, ${killed} kills, ${server.again()} came twice (${((100 * server.again()) / queued).toFixed(3)} %)`)
  t.ok(server.again() <= queued / 1000, `${server.again()} of ${queued} came twice`)
})

/** Counts mails by Message-ID; keeps nothing else of them. */
async function startCountingServer(t: Test) {
  const seen = new Set<string>()
  let again = 0
  let pause = serverTime
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    // Where servers ask about sender and recipient. After the mail there is nothing left but to take it.
    onRcptTo(_address, _session, done) {
      setTimeout(done, pause)
    },
    onData(stream, _session, done) {
      const take = async () => {
        const id = /^message-id: (<[^>]+>)/im.exec(await text(stream))?.[1] ?? ''
        if (seen.has(id)) again++
        seen.add(id)
        done()
      }
      // A worker killed half-way through a mail has not sent it.
      take().catch(() => {})
    },
  })
  server.on('error', () => {})
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => new Promise<void>((done) => server.close(() => done())))
  const address = server.server.address()
  return {
    port: address && typeof address === 'object' ? address.port : 0,
    arrived: () => seen.size,
    again: () => again,
    /** Nobody is killed any more. */
    hurry() {
      pause = 0
    },
  }
}
