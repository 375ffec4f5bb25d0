import { randomBytes } from 'node:crypto'
import { SMTPServer } from 'smtp-server'
import { test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { createTestDatabase } from '../database.ts'
import { startDatabaseProxy } from '../database-proxy.ts'
import { eventually } from '../eventually.ts'
import { addMailSite, queueMails } from './mail-sites.ts'
import { startTestWorker } from './worker.ts'

test('a mail that was taken while the database went away is marked when it is back, and not sent again', async (t) => {
  const data = await createTestDatabase(t)
  const proxy = await startDatabaseProxy(t, data.url)
  const url = proxy.through(data.url)
  let taken = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', async () => {
        taken++
        // Gone just before the answer: what follows it cannot be written down.
        await proxy.down()
        done()
      })
    },
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => new Promise<void>((closed) => server.close(() => closed())))
  const address = server.server.address()
  const site = await addMailSite(data, data.open(), { port: address && typeof address === 'object' ? address.port : 0 })
  await queueMails(data.open(), site.id, 1)
  const env = { NODE_ENV: 'test', DATABASE_URL: url, DATABASE_UNPOOLED_URL: url, SECRET_KEYS: `t:${randomBytes(32).toString('base64')}` }
  startTestWorker(t, { config: loadConfig(env), database: data.open({ url }) })
  await eventually(t, 'the server took it', () => taken === 1, 20_000)
  const status = async () => (await data.owner.query<{ status: string }>('select status from mail_messages')).rows[0]?.status
  t.equal(await status(), 'queued', 'control: nobody could write it down')
  await proxy.up()
  await eventually(t, 'it is marked', async () => (await status()) === 'sent', 20_000)
  const jobs = async () => (await data.owner.query(`select from graphile_worker._private_jobs where key like 'mail:%'`)).rowCount
  await eventually(t, 'its job is done', async () => (await jobs()) === 0, 30_000)
  t.equal(taken, 1)
})
