import { type Test, test } from 'tap'
import { enqueueMail } from '../../src/jobs/enqueue-mail.ts'
import type { OpenerOptions } from '../../src/mail/providers/open-provider.ts'
import { newId } from '../../src/security/random-token.ts'
import { hashToken } from '../../src/security/refresh-token.ts'
import { asOwner, ensureTenant } from '../../src/tenancy/lifecycle.ts'
import { createTestApp, type TestApp, type TestSite } from '../app.ts'
import { eventually } from '../eventually.ts'
import { mailAccount } from './mail-sites.ts'
import { marker, startSmtpServer } from './smtp-server.ts'
import { startTestWorker } from './worker.ts'

const patience = 20_000

/** The service, a worker, and a mail server that both sites send through. */
async function world(t: Test) {
  const tested = await createTestApp(t)
  const server = await startSmtpServer(t)
  const { app, a, b } = tested
  for (const { id } of [a, b]) await dbOf(tested, { id }).mailAccount.create({ data: mailAccount(id, server) })
  return { ...tested, server, start: (options?: Partial<OpenerOptions>) => startTestWorker(t, app, options) }
}

function dbOf({ app }: Pick<TestApp, 'app'>, { id }: { id: string }) {
  return app.database.forTenant(id)
}

/** Queues a mail of the kind `test`, and answers how to look at its row. */
async function queue(tested: TestApp, site: TestSite, more: { to?: string; expiresAt?: Date } = {}) {
  const db = dbOf(tested, site)
  const to = more.to ?? 'ana@example.test'
  const mail = { tenantId: site.id, kind: 'test', language: 'pt', variables: { requested_by: 'dona@example.test' }, ...more, to } as const
  const id = await enqueueMail(db, mail)
  return () => db.mailMessage.findFirstOrThrow({ where: { id } })
}

async function queueReset(tested: TestApp, site: TestSite, challenge: { expiresAt?: Date; spentAt?: Date } = {}) {
  const db = dbOf(tested, site)
  const challengeId = newId()
  const expiresAt = challenge.expiresAt ?? new Date(Date.now() + 1_800_000)
  const given = { tenantId: site.id, id: challengeId, purpose: 'reset-password', emailKey: 'ana@example.test', memberId: site.owner.id }
  await db.emailChallenge.create({ data: { ...given, expiresAt, ...(challenge.spentAt ? { spentAt: challenge.spentAt } : {}) } })
  const mail = { tenantId: site.id, kind: 'reset-password', to: 'ana@example.test', language: 'pt', variables: { name: 'Ana' } } as const
  const id = await enqueueMail(db, { ...mail, challengeId })
  return { challengeId, row: () => db.mailMessage.findFirstOrThrow({ where: { id } }) }
}

/** As time does, but at once. */
async function hurry({ data }: TestApp): Promise<false> {
  await data.owner.query('update mail_messages set next_attempt_at = now()')
  await data.owner.query('update mail_accounts set paused_until = now() where paused_until is not null')
  await data.owner.query('update graphile_worker._private_jobs set run_at = now() where locked_at is null')
  return false
}

const decoded = (raw: string) =>
  raw.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

test('a mail that was queued arrives once, to one recipient, and is told to be automatic', async (t) => {
  const tested = await world(t)
  const row = await queue(tested, tested.a)
  tested.start()
  await eventually(t, 'it is sent', async () => (await row()).status === 'sent', patience)
  t.equal(tested.server.received.length, 1)
  const [mail] = tested.server.received
  t.same(mail?.to, ['ana@example.test'])
  t.match(mail?.raw, /^Auto-Submitted: auto-generated\r?$/im)
  t.match(mail?.raw, /^To: ana@example\.test\r?$/im)
  const { messageRef, variables, attempts, sentAt } = await row()
  t.ok(mail?.raw.includes(`Message-ID: ${messageRef}`), 'under the name that the row knows')
  t.same([variables, attempts], [{}, 1], 'what it said is forgotten')
  t.type(sentAt, Date)
})

test('token and code are minted by the worker, and only their hashes are kept', async (t) => {
  const tested = await world(t)
  const { challengeId, row } = await queueReset(tested, tested.a)
  tested.start()
  await eventually(t, 'it is sent', async () => (await row()).status === 'sent', patience)
  const text = decoded(tested.server.received[0]?.raw ?? '')
  const token = /\/account\/reset-password\?token=([\w-]{43})/.exec(text)?.[1] ?? ''
  t.ok(token, 'the link is in the mail')
  t.ok(text.includes(`http`) && text.includes(tested.a.host), 'and leads to the site')
  const challenge = await dbOf(tested, tested.a).emailChallenge.findFirstOrThrow({ where: { id: challengeId } })
  t.same(Buffer.from(challenge.tokenHash ?? []), Buffer.from(hashToken(token)))
  const { code } = tested.app.challengeMint.mint(tested.a.id, challengeId)
  t.ok(text.includes(code), 'the code too')
  t.ok(tested.app.challengeMint.codeMatches(code, challenge.codeHash ?? new Uint8Array()))
  const tables = ['mail_messages', 'email_challenges', 'graphile_worker._private_jobs']
  for (const table of tables) {
    const { rows } = await tested.data.owner.query(`select string_agg(r::text, ' ') as all from ${table} r`)
    t.notOk(String(rows[0]?.all).includes(token), `no token in ${table}`)
    if (table !== 'graphile_worker._private_jobs') t.ok(rows[0]?.all, `control: ${table} has rows`)
  }
})

test('a second try has the same Message-ID and the same token', async (t) => {
  const tested = await world(t)
  const { row } = await queueReset(tested, tested.a)
  const raws: string[] = []
  tested.server.faults.data = 451
  tested.start()
  await eventually(t, 'the first try failed', async () => (await row()).attempts === 1, patience)
  const first = await row()
  t.match(first, { status: 'queued', lastError: 'try-later' })
  const pause = first.nextAttemptAt.getTime() - Date.now()
  t.ok(pause > 20_000 && pause <= 60_000, `it is tried again in about a minute (${pause} ms)`)
  delete tested.server.faults.data
  await eventually(t, 'the second try succeeded', async () => (await hurry(tested)) || (await row()).status === 'sent', patience)
  raws.push(tested.server.received[0]?.raw ?? '')
  t.ok(raws[0]?.includes(`Message-ID: ${first.messageRef}`))
  const known = tested.app.challengeMint.mint(tested.a.id, first.challengeId ?? '').token
  t.ok(decoded(raws[0] ?? '').includes(known), 'the token does not depend on the try')
})

test('a mail that the server refuses for good is dead, staff see why, and can send it again', async (t) => {
  const tested = await world(t)
  const { a, b, call, signIn } = tested
  const row = await queue(tested, a)
  tested.server.faults.to = 550
  const { warnings } = tested.start()
  await eventually(t, 'it is dead', async () => (await row()).status === 'dead', patience)
  delete tested.server.faults.to
  const headers = { authorization: `Bearer ${(await signIn(a)).accessToken}` }
  const listed = (await call(a, { url: '/v1/mail/messages?status=dead', headers })).json()
  t.equal(listed.items.length, 1)
  t.match(listed.items[0], { status: 'dead', recipient: 'ana@example.test', lastError: "The server does not take the recipient's address." })
  t.notOk(JSON.stringify([listed, warnings]).includes(marker), 'what the server wrote stays out')
  const again = (site: TestSite, id: string, authorization: string) =>
    call(site, { method: 'POST', url: `/v1/mail/messages/${id}/send-again`, headers: { authorization } })
  const { id } = listed.items[0]
  const foreign = `Bearer ${(await signIn(b)).accessToken}`
  t.equal((await again(b, id, foreign)).json().code, 'MAIL_MESSAGE_UNKNOWN', 'another site has no such mail')
  t.equal((await again(a, newId(), headers.authorization)).json().code, 'MAIL_MESSAGE_UNKNOWN')
  t.equal((await again(a, id, headers.authorization)).statusCode, 202)
  await eventually(t, 'it is sent after all', async () => (await row()).status === 'sent', patience)
  t.equal((await again(a, id, headers.authorization)).json().code, 'MAIL_MESSAGE_NOT_DEAD', 'what was sent is not sent again')
})

test('the outbox is for those who may read and write mail', async (t) => {
  const tested = await world(t)
  const { a, call, data, signIn } = tested
  const row = await queue(tested, a)
  const { id } = await row()
  t.equal((await call(a, { url: '/v1/mail/messages' })).json().code, 'AUTH_REQUIRED')
  const headers = { authorization: `Bearer ${(await signIn(a)).accessToken}` }
  t.equal((await call(a, { url: '/v1/mail/messages', headers })).statusCode, 200, 'control')
  await data.owner.query(`update roles set permissions = '{mail:read}'`)
  await eventually(t, 'its roles changed', async () => {
    const answer = await call(a, { method: 'POST', url: `/v1/mail/messages/${id}/send-again`, headers })
    return answer.json().code === 'AUTH_FORBIDDEN'
  })
  t.equal((await call(a, { url: '/v1/mail/messages', headers })).statusCode, 200)
})

test('the list of mails goes on after a page, newest first', async (t) => {
  const tested = await world(t)
  for (let n = 0; n < 5; n++) await queue(tested, tested.a, { to: `reader${n}@example.test` })
  await queue(tested, tested.b)
  const headers = { authorization: `Bearer ${(await tested.signIn(tested.a)).accessToken}` }
  const page = async (after = '') => (await tested.call(tested.a, { url: `/v1/mail/messages?limit=2${after}`, headers })).json()
  const seen: string[] = []
  let next: string | null = ''
  for (let pages = 0; pages < 4 && next !== null; pages++) {
    const answer: { items: { recipient: string }[]; next: string | null } = await page(next ? `&after=${next}` : '')
    seen.push(...answer.items.map(({ recipient }) => recipient))
    next = answer.next
  }
  t.same(
    seen,
    [4, 3, 2, 1, 0].map((n) => `reader${n}@example.test`),
  )
})

test('a server that hangs is left alone for a while, and holds no other site up', async (t) => {
  const tested = await world(t)
  const { a, b, data } = tested
  const hanging = await startSmtpServer(t, { faults: { connect: 'hang' } })
  await data.owner.query('update mail_accounts set port = $1, fallback = false where tenant_id = $2', [hanging.port, a.id])
  const stuck = await Promise.all([1, 2, 3, 4].map(() => queue(tested, a)))
  const fine = await Promise.all([1, 2, 3, 4].map(() => queue(tested, b)))
  tested.start({ timeouts: { connection: 500, greeting: 500, socket: 500, whole: 1_000 } })
  await eventually(
    t,
    "the other site's mails are sent",
    async () => (await Promise.all(fine.map((row) => row()))).every(({ status }) => status === 'sent'),
    patience,
  )
  const account = () => dbOf(tested, a).mailAccount.findFirstOrThrow()
  await eventually(t, 'the circuit is open', async () => Boolean((await account()).pausedUntil), patience)
  t.match(await account(), { failures: 1, lastFailure: 'timeout' })
  t.ok(hanging.connections() <= 3, 'no more than one connection for each of the three lanes')
  for (const row of stuck) t.match(await row(), { status: 'queued', attempts: 0 }, 'the mail was not to blame')
  hanging.faults.connect = 'hang'
  await eventually(t, 'it was tried once more, with one mail', async () => (await hurry(tested)) || (await account()).failures === 2, patience)
  delete hanging.faults.connect
  await eventually(
    t,
    'all of them are sent',
    async () => (await hurry(tested)) || (await Promise.all(stuck.map((row) => row()))).every(({ status }) => status === 'sent'),
    patience,
  )
  t.match(await account(), { failures: 0, lastFailure: null, pausedUntil: null }, 'and the circuit is closed')
})

test('without an account of its own a site sends through the platform’s, unless it says no', async (t) => {
  const tested = await createTestApp(t)
  const { app, a, b, data } = tested
  const server = await startSmtpServer(t)
  const platform = await asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'console', kind: 'platform', hosts: ['console.example'] }))
  await dbOf(tested, { id: platform }).mailAccount.create({ data: { ...mailAccount(platform, server), senderAddress: 'hub@platform.example' } })
  await dbOf(tested, b).mailAccount.create({ data: { tenantId: b.id, fallback: false } })
  const [fromA, fromB] = [await queue(tested, a), await queue(tested, b)]
  startTestWorker(t, app)
  await eventually(t, 'one is sent', async () => (await fromA()).status === 'sent', patience)
  const [mail] = server.received
  t.equal(mail?.from, 'hub@platform.example')
  t.match(mail?.raw, /^From: "?Name of site-a"? <hub@platform\.example>\r?$/im)
  const jobs = `select 1 from graphile_worker._private_jobs where key = 'mail:' || $1::text and run_at > now() + interval '30 seconds'`
  await eventually(t, 'the other site waits', async () => (await data.owner.query(jobs, [b.id])).rowCount === 1, patience)
  t.equal((await fromB()).status, 'queued')
  t.equal(server.received.length, 1)
  await dbOf(tested, b).mailAccount.updateMany({ data: { fallback: true, revision: { increment: 1 } } })
  await eventually(t, 'and is woken by new settings', async () => (await fromB()).status === 'sent', patience)
})

test('a paused account is stood in for by the platform’s', async (t) => {
  const tested = await world(t)
  const { a, data } = tested
  const platform = await asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'console', kind: 'platform', hosts: ['console.example'] }))
  const dead = await startSmtpServer(t)
  await dead.close()
  await dbOf(tested, { id: platform }).mailAccount.create({
    data: { ...mailAccount(platform, tested.server), senderAddress: 'hub@platform.example' },
  })
  await data.owner.query('update mail_accounts set port = $1 where tenant_id = $2', [dead.port, a.id])
  const row = await queue(tested, a)
  tested.start()
  await eventually(t, 'it is sent', async () => (await row()).status === 'sent', patience)
  t.equal(tested.server.received[0]?.from, 'hub@platform.example')
  t.match(await dbOf(tested, a).mailAccount.findFirstOrThrow(), { failures: 1, lastFailure: 'unreachable' })
})

test('no more than the daily cap is sent', async (t) => {
  const tested = await world(t)
  const { a, data } = tested
  await data.owner.query('update mail_accounts set daily_cap = 3 where tenant_id = $1', [a.id])
  for (let n = 0; n < 5; n++) await queue(tested, a)
  tested.start()
  const tomorrow = `select 1 from graphile_worker._private_jobs where key = 'mail:' || $1::text and run_at = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + interval '1 day'`
  await eventually(t, 'the rest waits for midnight', async () => (await data.owner.query(tomorrow, [a.id])).rowCount === 1, patience)
  t.equal(tested.server.received.length, 3)
})

test('mails of forms wait for those of accounts, and leave them half of a day’s mails', async (t) => {
  const tested = await world(t)
  const { a, data } = tested
  await data.owner.query('update mail_accounts set daily_cap = 4 where tenant_id = $1', [a.id])
  const db = dbOf(tested, a)
  const acknowledge = () =>
    enqueueMail(db, { tenantId: a.id, kind: 'contact-acknowledgement', to: 'rui@example.test', language: 'pt', variables: { form: 'Contact' } })
  for (let n = 0; n < 5; n++) await acknowledge()
  const account = [await queue(tested, a)]
  tested.start()
  const tomorrow = `select 1 from graphile_worker._private_jobs where key = 'mail:' || $1::text and run_at > now() and attempts = 0`
  await eventually(t, 'the rest waits', async () => (await data.owner.query(tomorrow, [a.id])).rowCount === 1, patience)
  const recipients = () => tested.server.received.map(({ to }) => to[0])
  t.same(recipients().sort(), ['ana@example.test', 'rui@example.test', 'rui@example.test'])
  t.equal(recipients().length, 3)
  account.push(await queue(tested, a))
  await eventually(t, 'an account’s mail still goes', async () => (await account[1]?.())?.status === 'sent', patience)
  t.equal(await db.mailMessage.count({ where: { kind: 'contact-acknowledgement', status: 'queued' } }), 3)
})

test('what the platform’s account sends for sites is counted for all of them together, and one site gets a fifth', async (t) => {
  const tested = await createTestApp(t)
  const { app, a, b, data } = tested
  const server = await startSmtpServer(t)
  const platform = await asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'console', kind: 'platform', hosts: ['console.example'] }))
  await dbOf(tested, { id: platform }).mailAccount.create({ data: { ...mailAccount(platform, server), dailyCap: 10 } })
  for (const site of [a, a, a, a, b]) await queue(tested, site)
  await data.owner.query(`update mail_accounts set relayed = 9, relayed_on = current_date - 1`)
  startTestWorker(t, app)
  const counted = async () => (await data.owner.query('select relayed from mail_accounts')).rows[0]?.relayed
  await eventually(t, 'three were sent', async () => server.received.length === 3 && (await counted()) === 3, patience)
  t.equal(await dbOf(tested, a).mailMessage.count({ where: { status: 'sent' } }), 2, 'a fifth of ten')
  await data.owner.query('update mail_accounts set relayed = 10')
  const late = await queue(tested, b)
  const tomorrow = `select 1 from graphile_worker._private_jobs where key = 'mail:' || $1::text and run_at > now() and locked_at is null`
  await eventually(t, 'the other site waits for tomorrow', async () => (await data.owner.query(tomorrow, [b.id])).rowCount === 1, patience)
  t.equal((await late()).status, 'queued')
})

test('what is suppressed, void or late is not sent', async (t) => {
  const tested = await world(t)
  const { a } = tested
  const db = dbOf(tested, a)
  await db.mailSuppression.create({ data: { tenantId: a.id, emailKey: 'gone@example.test', reason: 'bounce' } })
  const past = new Date(Date.now() - 1_000)
  const rows = {
    suppressed: await queue(tested, a, { to: 'gone@example.test' }),
    spent: (await queueReset(tested, a, { spentAt: past })).row,
    over: (await queueReset(tested, a, { expiresAt: past })).row,
    late: await queue(tested, a, { expiresAt: past }),
    control: await queue(tested, a),
  }
  tested.start()
  await eventually(t, 'the control is sent', async () => (await rows.control()).status === 'sent', patience)
  const status = async (row: () => Promise<{ status: string }>) => (await row()).status
  await eventually(t, 'all are dealt with', async () => (await db.mailMessage.count({ where: { status: 'queued' } })) === 0, patience)
  t.equal(await status(rows.suppressed), 'suppressed')
  t.equal(await status(rows.spent), 'expired')
  t.equal(await status(rows.over), 'expired')
  t.equal(await status(rows.late), 'dead', 'staff may still want it')
  t.same((await rows.late()).variables, { requested_by: 'dona@example.test' })
  t.equal(tested.server.received.length, 1)
})

test('a suspended site sends nothing until it is back', async (t) => {
  const tested = await world(t)
  const { a, b, data } = tested
  await data.owner.query(`update tenants set status = 'suspended' where id = $1`, [a.id])
  const [held, control] = [await queue(tested, a), await queue(tested, b)]
  tested.start()
  await eventually(t, 'the control is sent', async () => (await control()).status === 'sent', patience)
  const later = `select 1 from graphile_worker._private_jobs where key = 'mail:' || $1::text and run_at > now()`
  await eventually(t, 'it is put off', async () => (await data.owner.query(later, [a.id])).rowCount === 1, patience)
  t.equal((await held()).status, 'queued')
  await data.owner.query(`update tenants set status = 'active' where id = $1`, [a.id])
  await eventually(t, 'it is sent', async () => (await hurry(tested)) || (await held()).status === 'sent', patience)
})

test('a connection that breaks off after the mail is no answer: it is sent again under the same name', async (t) => {
  const tested = await world(t)
  const row = await queue(tested, tested.a)
  tested.server.faults.data = 'drop'
  tested.start()
  await eventually(t, 'the first try failed', async () => (await row()).attempts === 1, patience)
  t.match(await row(), { status: 'queued', lastError: 'interrupted' })
  delete tested.server.faults.data
  await eventually(t, 'it is sent', async () => (await hurry(tested)) || (await row()).status === 'sent', patience)
})
