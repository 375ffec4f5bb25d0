import { createPublicKey } from 'node:crypto'
import t from 'tap'
import { dkimFor } from '../../src/mail/domains/sender-domain.ts'
import { createProviderOpener } from '../../src/mail/providers/open-provider.ts'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp, type TestSite } from '../app.ts'
import { startDns } from '../dns-server.ts'
import { accessToken } from './access-token.ts'
import { outgoing } from './outgoing.ts'
import { startSmtpServer } from './smtp-server.ts'
import { verifyDkim } from './verify-dkim.ts'

const server = await startDns(t)
const mailChecks = createRateLimiter({ limit: 200, windowMs: 60_000 })
const test = await createTestApp(t, { overrides: { mail: { dns: server.dns }, limits: { mailChecks } } })
const { app, data, a, b, call, another } = test
const tokens = { a: await accessToken(test, a), b: await accessToken(test, b) }
const as = (site: TestSite) => ({ authorization: `Bearer ${site === a ? tokens.a : tokens.b}` })
const domains = (site: TestSite, method: 'GET' | 'PUT' | 'POST' | 'DELETE', path = '') =>
  call(site, { method, url: `/v1/mail/domains${path}`, headers: as(site) })
const dbOf = (site: TestSite) => app.database.forTenant(site.id)
const keyOf = (site: TestSite, address: string) => dkimFor(dbOf(site), app.secretBox, site.id, address)

interface DnsRecord {
  purpose: string
  name: string
  value: string
  strings: string[]
}

function record(answer: { json(): { records: DnsRecord[] } }, purpose: string): DnsRecord {
  const found = answer.json().records.find((one) => one.purpose === purpose)
  if (!found) throw new Error(`no ${purpose} record is shown`)
  return found
}

async function setAccount(site: TestSite, account: { provider: string; host?: string; senderAddress: string }) {
  const db = dbOf(site)
  await db.mailAccount.upsert({ where: { tenantId: site.id }, create: { tenantId: site.id, ...account }, update: account })
}

t.test('PUT makes a key of 2048 bits and shows three records to set: 200', async (t) => {
  const answer = await domains(a, 'PUT', '/camara-mezochi.example')
  t.equal(answer.statusCode, 200, answer.body.slice(0, 200))
  t.match(answer.json(), { domain: 'camara-mezochi.example', signing: false, checkedAt: null, findings: null })
  const dkim = record(answer, 'dkim')
  t.match(dkim.name, /^t\d{4}-[0-9a-f]{10}\._domainkey\.camara-mezochi\.example$/)
  t.equal(dkim.strings.join(''), dkim.value)
  t.ok(dkim.strings.length > 1 && dkim.strings.every((part) => part.length <= 255))
  const key = createPublicKey({ key: Buffer.from(/p=(.+)$/.exec(dkim.value)?.[1] ?? '', 'base64'), format: 'der', type: 'spki' })
  t.equal(key.asymmetricKeyDetails?.modulusLength, 2048)
  t.match(record(answer, 'spf'), { name: 'camara-mezochi.example', value: 'v=spf1 a mx ~all' })
  t.match(record(answer, 'dmarc'), { name: '_dmarc.camara-mezochi.example', value: /^v=DMARC1; p=none; rua=mailto:/ })
  t.notMatch(answer.body, 'PRIVATE')
})

t.test('PUT again keeps the key, also for two at once and another spelling', async (t) => {
  const before = (await domains(a, 'PUT', '/camara-mezochi.example')).body
  t.equal((await domains(a, 'PUT', '/CAMARA-mezochi.example.')).body, before)
  const [one, two] = await Promise.all([domains(a, 'PUT', '/race.example'), domains(a, 'PUT', '/race.example')])
  t.equal(one.body, two.body)
})

t.test('the private key is kept sealed, and opens for its own site only', async (t) => {
  const { rows } = await data.owner.query('select sealed_private from mail_domains where tenant_id = $1 and domain = $2', [a.id, 'race.example'])
  t.match(rows[0].sealed_private, /^v1\.test\./)
  t.notMatch(rows[0].sealed_private, 'PRIVATE')
  const place = { tenantId: a.id, field: 'mail_domains.sealed_private' }
  t.match(app.secretBox.open(rows[0].sealed_private, place), /^-----BEGIN PRIVATE KEY-----/)
  t.throws(() => app.secretBox.open(rows[0].sealed_private, { ...place, tenantId: b.id }))
})

t.test('the SPF record shown follows the mail account', async (t) => {
  const spf = async () => record(await domains(b, 'PUT', '/cecab.example'), 'spf').value
  await setAccount(b, { provider: 'smtp', host: 'smtp.gmail.com', senderAddress: 'info@cecab.example' })
  t.equal(await spf(), 'v=spf1 include:_spf.google.com ~all')
  await setAccount(b, { provider: 'smtp', host: 'mail.cecab.example', senderAddress: 'info@cecab.example' })
  t.equal(await spf(), 'v=spf1 a:mail.cecab.example ~all')
  await setAccount(b, { provider: 'resend', senderAddress: 'info@cecab.example' })
  t.same(
    (await domains(b, 'PUT', '/cecab.example')).json().records.map(({ purpose }: DnsRecord) => purpose),
    ['dkim', 'dmarc'],
  )
})

t.test('what is no domain in the public DNS answers 400 REQUEST_INVALID', async (t) => {
  for (const name of [
    'localhost',
    'example',
    '10.0.0.1',
    'postgres.railway.internal',
    'printer.local',
    'a_b.example',
    '-a.example',
    'a..example',
    'x%0d%0a.example',
  ]) {
    const answer = await domains(a, 'PUT', `/${name}`)
    t.match([answer.statusCode, answer.json().code], [400, 'REQUEST_INVALID'], name)
  }
  t.equal((await domains(a, 'PUT', `/${encodeURIComponent('mé-zóchi.example')}`)).json().domain, 'xn--m-zchi-bva6f.example')
})

t.test('a check writes down what it finds, and signing begins with the published key', async (t) => {
  const domain = 'signed.example'
  await setAccount(a, { provider: 'smtp', host: 'mail.signed.example', senderAddress: `info@${domain}` })
  const dkim = record(await domains(a, 'PUT', `/${domain}`), 'dkim')
  const empty = await domains(a, 'POST', `/${domain}/check`)
  t.equal(empty.statusCode, 200)
  t.match(empty.json(), { signing: false, findings: { dkim: { state: 'missing' }, spf: { state: 'missing' }, sender: { state: 'ok' } } })
  t.equal(await keyOf(a, `info@${domain}`), undefined, 'nothing is signed before')

  server.zone.set(dkim.name, { txt: [dkim.value] })
  server.zone.set(domain, { txt: ['v=spf1 a:mail.signed.example ~all'] })
  server.zone.set('mail.signed.example', { a: ['192.0.2.1'] })
  const found = await domains(a, 'POST', `/${domain}/check`)
  t.match(found.json(), { signing: true, findings: { dkim: { key: 'dkim-ok' }, spf: { key: 'spf-ok' }, dmarc: { key: 'dmarc-missing' } } })
  const listed = (await domains(a, 'GET')).json().items.find((one: { domain: string }) => one.domain === domain)
  t.same(listed, found.json(), 'the list shows the same')
  t.match(await keyOf(a, `info@${domain}`), { domainName: domain, keySelector: dkim.name.split('.')[0], privateKey: /^-----BEGIN PRIVATE KEY-----/ })
  t.match(await keyOf(a, `info@mail.${domain}`), { domainName: domain }, 'also for a name below it')
  t.equal(await keyOf(a, `info@not${domain}`), undefined)
  t.equal(await keyOf(a, 'info@example'), undefined)
  t.equal(await keyOf(b, `info@${domain}`), undefined, 'and for no other site')

  server.zone.set(dkim.name, { fails: 'servfail' })
  t.match((await domains(a, 'POST', `/${domain}/check`)).json(), { signing: true, findings: { dkim: { state: 'unreachable' } } })
  t.ok(await keyOf(a, `info@${domain}`), 'silence ends no signing')
  server.zone.set(dkim.name, { txt: [dkim.value.replace(/p=.{10}/, 'p=AAAAAAAAAA')] })
  t.match((await domains(a, 'POST', `/${domain}/check`)).json(), { signing: false, findings: { dkim: { state: 'wrong' } } })
  t.equal(await keyOf(a, `info@${domain}`), undefined, 'another key in the record does')
})

t.test('a mail signed with the key passes as a receiver checks it, and one changed on the way does not', async (t) => {
  const domain = 'carried.example'
  const dkim = record(await domains(a, 'PUT', `/${domain}`), 'dkim')
  server.zone.set(dkim.name, { txt: [dkim.value] })
  await domains(a, 'POST', `/${domain}/check`)
  const signing = await keyOf(a, `info@${domain}`)
  if (!signing) throw new Error('there is no key')
  const smtp = await startSmtpServer(t)
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
  const opener = createProviderOpener({ privateHosts: ['relay.example'], lookup })
  const settings = { provider: 'smtp' as const, host: 'relay.example', port: smtp.port, security: 'none' as const, username: '', secret: '' }
  const provider = await opener.open(settings, { connections: 1 })
  t.teardown(() => provider.close())
  await provider.send(outgoing({ from: { name: 'Câmara', address: `info@${domain}` }, dkim: signing, logo: Buffer.alloc(5_000, 3) }))
  const raw = smtp.received[0]?.raw ?? ''
  const lookUp = async (name: string) => {
    const lookups = server.dns.open()
    return lookups.txt(name).finally(() => lookups.close())
  }
  const verdict = await verifyDkim(raw, lookUp)
  t.match(verdict, { domain, selector: dkim.name.split('.')[0], bodyFits: true, signatureFits: true })
  for (const name of ['from', 'to', 'subject', 'date', 'message-id']) t.ok(verdict?.headers.includes(name), name)
  t.match(await verifyDkim(raw.replace('Subject: ', 'Subject: x'), lookUp), { bodyFits: true, signatureFits: false })
  t.match(await verifyDkim(raw.replace(/\r\n\r\n/, '\r\n\r\nx\r\n'), lookUp), { bodyFits: false })
})

t.test('DELETE forgets the key: 204, then 404 MAIL_DOMAIN_UNKNOWN', async (t) => {
  const before = record(await domains(a, 'PUT', '/gone.example'), 'dkim').name
  t.equal((await domains(a, 'DELETE', '/gone.example')).statusCode, 204)
  for (const [method, path] of [
    ['DELETE', '/gone.example'],
    ['POST', '/gone.example/check'],
    ['POST', '/never.example/check'],
  ] as const) {
    const answer = await domains(a, method, path)
    t.match([answer.statusCode, answer.json().code], [404, 'MAIL_DOMAIN_UNKNOWN'], `${method} ${path}`)
  }
  t.not(record(await domains(a, 'PUT', '/gone.example'), 'dkim').name, before, 'a new key has a name of its own')
})

t.test("another site's domains cannot be seen, checked or removed, and may be its own as well", async (t) => {
  const own = record(await domains(a, 'PUT', '/shared.example'), 'dkim').name
  t.notOk((await domains(b, 'GET')).body.includes('shared.example'))
  t.ok((await domains(a, 'GET')).body.includes('shared.example'), 'it is there')
  t.equal((await domains(b, 'POST', '/shared.example/check')).statusCode, 404)
  t.equal((await domains(b, 'DELETE', '/shared.example')).statusCode, 404)
  t.not(record(await domains(b, 'PUT', '/shared.example'), 'dkim').name, own, 'under a name that does not collide')
})

t.test('without a session 401, without the permission 403', async (t) => {
  const routes = [
    ['GET', ''],
    ['PUT', '/x.example'],
    ['DELETE', '/x.example'],
    ['POST', '/x.example/check'],
  ] as const
  for (const [method, path] of routes) t.equal((await call(a, { method, url: `/v1/mail/domains${path}` })).statusCode, 401, `${method} ${path}`)
  await data.owner.query(`update roles set permissions = array['mail:read'] where tenant_id = $1 and slug = 'owner'`, [b.id])
  const fresh = await another({ mail: { dns: server.dns } })
  const ask = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string) =>
    fresh.inject({ method, url: `/v1/mail/domains${path}`, headers: { host: b.host, ...as(b) } })
  for (const [method, path] of routes) t.equal((await ask(method, path)).statusCode, method === 'GET' ? 200 : 403, `${method} ${path}`)
})

t.test('a site has 20 domains at most: 400; checks are limited by site: 429', async (t) => {
  for (let at = 0; at < 20; at++) {
    const answer = await domains(a, 'PUT', `/n${at}.example`)
    if (answer.statusCode === 400) break
  }
  const { rows } = await data.owner.query('select count(*)::int as count from mail_domains where tenant_id = $1', [a.id])
  t.equal(rows[0].count, 20)
  t.equal((await domains(a, 'PUT', '/one-more.example')).statusCode, 400)
  t.equal((await domains(a, 'PUT', '/shared.example')).statusCode, 200, 'one that is there')
  const limited = await another({ mail: { dns: server.dns }, limits: { mailChecks: createRateLimiter({ limit: 1, windowMs: 60_000 }) } })
  const check = () => limited.inject({ method: 'POST', url: '/v1/mail/domains/shared.example/check', headers: { host: a.host, ...as(a) } })
  t.equal((await check()).statusCode, 200)
  t.match((await check()).headers, { 'retry-after': /^\d+$/ })
  t.equal((await check()).json().code, 'RATE_LIMITED')
})
