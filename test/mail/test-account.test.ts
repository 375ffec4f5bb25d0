import { generateKeyPairSync } from 'node:crypto'
import { Writable } from 'node:stream'
import PostalMime from 'postal-mime'
import t, { type Test } from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { mailAccount } from './mail-sites.ts'
import { marker, startSmtpServer } from './smtp-server.ts'
import { asStaff } from './staff.ts'

const timeouts = { connection: 5_000, greeting: 4_000, socket: 5_000, whole: 8_000 }
const url = '/v1/mail-account/test'

/** A site with an account at a server of its own, and the platform with one at another. */
async function start(t: Test) {
  const [own, platform] = [await startSmtpServer(t), await startSmtpServer(t)]
  const log: string[] = []
  const stream = new Writable({
    write(line, _encoding, done) {
      log.push(String(line))
      done()
    },
  })
  const site = await createTestApp(t, {
    env: { MAIL_PRIVATE_HOSTS: '127.0.0.1' },
    overrides: {
      mail: { timeouts },
      limits: { mailChecks: createRateLimiter({ limit: 1_000, windowMs: 60_000 }) },
      logger: { level: 'info', stream },
    },
  })
  const { data, a } = site
  const hub = await data.addTenant({ slug: 'console' })
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [hub.id])
  const database = data.open({ max: 2 })
  await database
    .forTenant(a.id)
    .mailAccount.create({ data: { ...mailAccount(a.id, own), senderName: 'Site A', senderAddress: 'no-reply@site-a.example' } })
  const sender = { senderName: 'The hub', senderAddress: 'no-reply@hub.example', replyTo: 'operator@hub.example' }
  await database.forTenant(hub.id).mailAccount.create({ data: { ...mailAccount(hub.id, platform), ...sender } })
  const change = (tenantId: string, columns: string) => data.owner.query(`update mail_accounts set ${columns} where tenant_id = $1`, [tenantId])
  return { ...site, own, platform, hub, log, change, database, owner: await asStaff(site, site.a, 'owner') }
}

async function parse(received: { raw: string } | undefined) {
  const { from, to, replyTo, subject, text, headers } = await PostalMime.parse(received?.raw ?? '')
  return { from, to: to?.map(({ address }) => address), replyTo: replyTo?.map(({ address }) => address), subject, text, headers }
}

t.test('a test mail goes at once, by the own account, to whoever asked for it', async (t) => {
  const { owner, own, platform, a, data } = await start(t)
  const answer = await owner.call('POST', url)
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { sentTo: a.owner.email, by: 'own' })
  t.same([own.received.length, platform.received.length], [1, 0])
  const mail = await parse(own.received[0])
  t.match(mail, { from: { name: 'Site A', address: 'no-reply@site-a.example' }, to: [a.owner.email] })
  t.match(mail.text, 'Name of site-a')
  t.equal((await data.owner.query('select count(*)::int as n from mail_messages')).rows[0].n, 0, 'past the queue')
})

t.test('nobody else can be written to', async (t) => {
  const { owner, own, a } = await start(t)
  for (const body of [{ to: 'evil@y.example' }, { recipient: 'evil@y.example' }, { email: ['evil@y.example'] }]) await owner.call('POST', url, body)
  t.ok(own.received.every(({ to }) => to.length === 1 && to[0] === a.owner.email))
  t.equal(own.received.length, 3, 'control: what was said beside is not heard')
})

t.test("the platform's account stands in under the site's name, and answers go to the site", async (t) => {
  const { owner, own, platform, a, data, change } = await start(t)
  const byPlatform = async (replyTo: string[] | undefined) => {
    const answer = await owner.call('POST', url)
    t.match([answer.statusCode, answer.json().by], [200, 'platform'])
    t.equal(own.received.length, 0)
    const mail = await parse(platform.received.pop())
    t.same([mail.from, mail.replyTo], [{ name: 'Name of site-a', address: 'no-reply@hub.example' }, replyTo])
  }
  await change(a.id, `paused_until = now() + interval '1 minute'`)
  await byPlatform(['no-reply@site-a.example'])
  await change(a.id, `reply_to = 'balcao@site-a.example'`)
  await byPlatform(['balcao@site-a.example'])
  await change(a.id, `provider = 'none', paused_until = null`)
  await byPlatform(['balcao@site-a.example'])
  await data.owner.query('delete from mail_accounts where tenant_id = $1', [a.id])
  await byPlatform(undefined)
  await data.owner.query(`update sites set contact_email = 'geral@site-a.example' where tenant_id = $1`, [a.id])
  await byPlatform(['geral@site-a.example'])
})

t.test('where no account is to be used, 409 says so', async (t) => {
  const { owner, own, platform, a, hub, data, change } = await start(t)
  const missing = async (why: string) => t.match((await owner.call('POST', url)).json(), { status: 409, code: 'MAIL_ACCOUNT_MISSING' }, why)
  await change(a.id, `provider = 'none', fallback = false`)
  await missing('the platform may not stand in')
  await change(a.id, 'fallback = true')
  await change(hub.id, `paused_until = now() + interval '1 minute'`)
  await missing('its server is left alone for now')
  await change(hub.id, `paused_until = null, provider = 'none'`)
  await missing('it has none')
  await change(hub.id, `provider = 'smtp'`)
  await data.owner.query(`update tenants set status = 'suspended' where id = $1`, [hub.id])
  await missing('it is suspended')
  await data.owner.query(`update tenants set status = 'active', kind = 'site' where id = $1`, [hub.id])
  await missing('it is no platform but another site')
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [hub.id])
  t.equal((await owner.call('POST', url)).statusCode, 200, 'control')
  t.same([own.received.length, platform.received.length], [0, 1])
})

t.test('what the server answers goes no further than our own words', async (t) => {
  const { owner, own, log } = await start(t)
  const cases = [
    ['from', 550, "The server does not send for this sender's address."],
    ['to', 550, "The server does not take the recipient's address."],
    ['to', 450, 'The server asks to try again later.'],
    ['data', 554, 'The server does not take this mail.'],
    ['data', 'drop', 'The connection broke off before the server had confirmed.'],
    ['connect', 'hang', 'The server answers too slowly.'],
    ['connect', 'drip', 'The server answers too slowly.'],
  ] as const
  for (const [stage, fault, message] of cases) {
    own.faults[stage] = fault
    const answer = await owner.call('POST', url)
    t.match([answer.statusCode, answer.json().code], [502, 'MAIL_SEND_FAILED'], `${stage} ${fault}`)
    t.same(answer.json().issues, [{ path: '', message }])
    t.notMatch(answer.body, marker)
    delete own.faults[stage]
  }
  await own.close()
  t.same((await owner.call('POST', url)).json().issues, [{ path: '', message: 'The server does not answer.' }])
  t.ok(log.length > cases.length, 'control: there is a log')
  t.notMatch(log.join('\n'), marker)
})

t.test("the mail is signed with the key of the sender's domain, whosever account it is", async (t) => {
  const { owner, own, platform, a, hub, database, app, change } = await start(t)
  const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const [tenantId, domain] of [
    [a.id, 'site-a.example'],
    [hub.id, 'hub.example'],
  ] as const) {
    const sealedPrivate = app.secretBox.seal(privateKey, { tenantId, field: 'mail_domains.sealed_private' })
    const ok = { state: 'ok', key: 'ok', advice: '', notes: [] }
    const findings = { dkim: ok, spf: ok, dmarc: ok, sender: ok }
    await database.forTenant(tenantId).mailDomain.create({ data: { tenantId, domain, selector: 's1', publicKey: '', sealedPrivate, findings } })
  }
  const signedFor = (received: { raw: string } | undefined) => /^DKIM-Signature:.*? d=([\w.-]+)/ms.exec(received?.raw ?? '')?.[1]
  await owner.call('POST', url)
  t.equal(signedFor(own.received[0]), 'site-a.example')
  await change(a.id, `provider = 'none'`)
  await owner.call('POST', url)
  t.equal(signedFor(platform.received[0]), 'hub.example')
})

t.test("the site's own words are used, in the site's language", async (t) => {
  const { own, a, database, call, signIn } = await start(t)
  await database
    .forTenant(a.id)
    .mailTemplate.create({ data: { tenantId: a.id, kind: 'test', locale: 'pt', subject: 'Ensaio do sítio', body: 'Tudo bem.' } })
  const { accessToken } = await signIn(a)
  const ask = () => call(a, { method: 'POST', url, headers: { authorization: `Bearer ${accessToken}`, 'accept-language': 'en' } })
  await ask()
  t.equal((await parse(own.received.pop())).subject, 'Ensaio do sítio')
  await database.forTenant(a.id).mailTemplate.updateMany({ data: { locale: 'en' } })
  await ask()
  t.not((await parse(own.received.pop())).subject, 'Ensaio do sítio')
})
