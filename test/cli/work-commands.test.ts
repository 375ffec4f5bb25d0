import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { createJobSession } from '../../src/jobs/job-session.ts'
import { createTestDatabase } from '../database.ts'
import { marker, startSmtpServer } from '../mail/smtp-server.ts'
import { runTenantry } from './run-tenantry.ts'

async function start(t: Test) {
  const data = await createTestDatabase(t)
  const site = await data.addTenant({ slug: 'one', host: 'one.example' })
  const db = data.open().forTenant(site.id)
  const colors = { primaryColor: '#111111', accentColor: '#222222', surfaceColor: '#ffffff', textColor: '#000000' }
  const brand = { create: { shortName: 'One', tagline: '', ...colors } }
  await db.site.create({ data: { tenantId: site.id, name: 'One', locale: 'en', timeZone: 'UTC', brand } })
  const env = { DATABASE_URL: data.url, SECRET_KEYS: `test:${randomBytes(32).toString('base64')}` }
  return { data, site, db, run: (args: string[], more: Record<string, string> = {}) => runTenantry(args, { ...env, ...more }) }
}

test('mail test sends one mail by the settings of the site, and tells the stage that failed in words', async (t) => {
  const { run, db, site } = await start(t)
  const server = await startSmtpServer(t)
  const args = ['mail', 'test', 'one', '--to', 'ana@hub.example']
  t.match(await run(args), { code: 1, out: '', err: /^one has no mail account to send by now/ })
  const account = {
    provider: 'smtp',
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    senderName: 'One',
    senderAddress: 'no-reply@one.example',
  }
  await db.mailAccount.create({ data: { tenantId: site.id, ...account } })
  t.match(await run(args), { code: 1, out: '', err: /^The test mail of one was not sent\. It failed before connecting\. This host is not allowed/ })
  const allowed = { MAIL_PRIVATE_HOSTS: `127.0.0.1:${server.port}` }
  t.same(await run(args, allowed), {
    code: 0,
    out: `127.0.0.1:${server.port} took a test mail from no-reply@one.example to ana@hub.example\n`,
    err: '',
  })
  t.match(server.received, [{ from: 'no-reply@one.example', to: ['ana@hub.example'] }])
  server.faults.from = 550
  const refused = await run(args, allowed)
  t.equal(refused.code, 1)
  t.match(refused.err, /^The test mail of one was not sent\. It failed at naming the sender\. The server does not send for .+\n$/)
  t.match(refused.err, marker, 'an operator may read what the server said')
  t.match(await run(['mail', 'test', '--to', 'ana@hub.example']), { code: 1, err: 'Name a site, or give --platform.\n' })
  t.match(await run(['mail', 'test', '--platform', '--to', 'ana@hub.example']), { code: 1, err: /^The hub has no site of its own yet/ })
})

test('jobs list tells what waits, what failed for good and which mails stayed, and retry has one or all of them tried again', async (t) => {
  const { run, data, db, site } = await start(t)
  t.match(
    (await run(['jobs', 'list'])).out,
    /^No job worker is connected\.\n\nThe queue is empty\.\n\nNo job has failed for good\.\n\nNo mail is left/,
  )
  const add = async (kind: string) =>
    (await data.owner.query(`select id::text from graphile_worker.add_job($1, '{}', max_attempts => 2)`, [kind])).rows[0].id
  const [waiting, ...failed] = [await add('check-media'), await add('daily'), await add('daily')]
  await data.owner.query(
    `update graphile_worker._private_jobs set attempts = 2, run_at = now() + interval '1 hour', last_error = E'no room\\nat line 4' where id = any($1)`,
    [failed],
  )
  const message = { kind: 'test', recipient: 'a@b.example', locale: 'en', variables: {}, status: 'dead', intent: 'x', expiresAt: new Date() }
  await db.mailMessage.create({ data: { tenantId: site.id, id: '01890000-0000-7000-8000-000000000001', ...message } })
  const session = createJobSession(data.url, () => {})
  t.teardown(() => session.close())
  await session.keepLock('worker x')
  const { code, out } = await run(['jobs', 'list'])
  t.equal(code, 0)
  t.match(out, /^One job worker is connected\.\n/)
  t.match(out, /^check-media +1 +1 +0 +0 +0 +20\S+ +-$/m)
  t.match(out, /^daily +0 +0 +0 +0 +2 +- +no room$/m)
  t.match(out, /^one +1$/m)
  const only = JSON.parse((await run(['jobs', 'list', '--failed', '--json'])).out)
  t.match(only, { failed: failed.map((id) => ({ id, kind: 'daily', attempts: 2 })), deadMails: [{ site: 'one', dead: 1 }] })

  const [one = ''] = failed
  t.match(await run(['jobs', 'retry', one]), { code: 0, out: `tried again from the beginning: ${one}\n` })
  t.match(await run(['jobs', 'retry', '--all-failed', '--json']), { code: 0 })
  const { rows } = await data.owner.query(
    `select id::text, attempts, run_at <= now() as due from graphile_worker.jobs where task_identifier <> 'deliver-mail' order by id`,
  )
  t.same(
    rows,
    [waiting, ...failed].map((id) => ({ id, attempts: 0, due: true })),
  )
  t.match(await run(['jobs', 'retry', '--all-failed']), { code: 0, out: 'No job has failed for good.\n' })
  t.match(await run(['jobs', 'retry', '999999']), { code: 1, out: '', err: /^There is no job 999999 that waits/ })
  t.match(await run(['jobs', 'retry', 'x']), { code: 2, err: /The id of a job is a number/ })
  t.match(await run(['jobs', 'retry']), { code: 1, err: /^Name a job by its id, or give --all-failed/ })
})

test('mail resend has undelivered mails tried again from the beginning, of one site or of all, but none whose link has run out', async (t) => {
  const { run, data, db, site } = await start(t)
  const other = await data.addTenant({ slug: 'other' })
  t.match(await run(['mail', 'resend', 'one']), { code: 0, out: 'No mail is left undelivered.\n', err: '' })
  const hour = 3_600_000
  const challenge = (n: number, expiresAt: number) =>
    data.owner.query(
      `insert into email_challenges (tenant_id, id, purpose, email_key, expires_at) values ($1, $2, 'sign-up', 'a@b.example', to_timestamp($3 / 1000.0))`,
      [site.id, idOf(n), Date.now() + expiresAt],
    )
  const idOf = (n: number) => `01890000-0000-7000-8000-00000000000${n}`
  await challenge(7, hour)
  await challenge(8, -hour)
  const mail = { recipient: 'a@b.example', locale: 'en', variables: {}, status: 'dead', attempts: 9, lastError: 'x', expiresAt: new Date(0) }
  const add = (tenantId: string, n: number, more: object = {}) =>
    data
      .open()
      .forTenant(tenantId)
      .mailMessage.create({ data: { ...mail, tenantId, id: idOf(n), kind: 'test', intent: `i${n}`, ...more } })
  await add(site.id, 1)
  await add(site.id, 2, { kind: 'verify-email', challengeId: idOf(7) })
  await add(site.id, 3, { kind: 'verify-email', challengeId: idOf(8) })
  await add(site.id, 4, { status: 'sent' })
  await add(other.id, 5)
  const one = await run(['mail', 'resend', 'one'])
  t.match(one, { code: 0, out: 'one: 2 mails in the outbox again; 1 mail with a link that has run out stays\n', err: /^No job worker is connected/ })
  const states = async () =>
    (
      await data.owner.query(
        'select right(id::text, 1)::int as n, status, attempts, last_error, expires_at > now() as fresh from mail_messages order by id',
      )
    ).rows
  const again = { status: 'queued', attempts: 0, last_error: null, fresh: true }
  const left = { status: 'dead', attempts: 9, last_error: 'x', fresh: false }
  t.match(await states(), [
    { n: 1, ...again },
    { n: 2, ...again },
    { n: 3, ...left },
    { n: 4, status: 'sent' },
    { n: 5, ...left },
  ])
  t.same(JSON.parse((await run(['mail', 'resend', '--all', '--json'])).out), [
    { site: 'one', again: 0, runOut: 1 },
    { site: 'other', again: 1, runOut: 0 },
  ])
  t.match((await states())[4], { n: 5, ...again })
  const { rows } = await data.owner.query(`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'deliver-mail'`)
  t.same(rows, [{ n: 2 }], 'a job of each site')
  const events = await db.auditEvent.findMany({ where: { action: 'mail-message.sent-again' } })
  t.match(events, Array(2).fill({ actorKind: 'operator' }))
  t.match(await run(['mail', 'resend']), { code: 1, err: /^Name a site, or give --all/ })
  t.match(await run(['mail', 'resend', 'nobody']), { code: 1, err: 'There is no site "nobody".\n' })
})
