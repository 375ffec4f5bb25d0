import t from 'tap'
import type { FindingKey } from '../../src/mail/domains/dns-advice.ts'
import { checkDns } from '../../src/mail/domains/dns-check.ts'
import type { SendingAccount } from '../../src/mail/domains/spf-suggestion.ts'
import type { Dns } from '../../src/security/dns/dns-lookup.ts'
import { startDns } from '../dns-server.ts'

const server = await startDns(t)
const { zone } = server
const domain = 'camara-mezochi.example'
const publicKey = Buffer.alloc(294, 7).toString('base64')
const key = { domain, selector: 't2026-0123456789', publicKey }
const dkimName = `${key.selector}._domainkey.${domain}`
const account: SendingAccount = { provider: 'smtp', host: 'mail.camara-mezochi.example', senderAddress: `info@${domain}` }

const check = (given: SendingAccount | undefined = account, dns: Dns = server.dns) => checkDns(dns, key, given)
const good = `v=DKIM1; k=rsa; p=${publicKey}`

t.beforeEach(() => {
  zone.clear()
  zone.set('mail.camara-mezochi.example', { a: ['192.0.2.25'] })
})

t.test('a domain that is set up as shown is found sound', async (t) => {
  zone.set(dkimName, { txt: [good] })
  zone.set(domain, { txt: ['some-site-verification=1', 'v=spf1 a:mail.camara-mezochi.example ~all'] })
  zone.set(`_dmarc.${domain}`, { txt: [`v=DMARC1; p=reject; rua=mailto:dmarc@${domain}`] })
  const { dkim, spf, dmarc, sender } = await check()
  t.match(dkim, { state: 'ok', key: 'dkim-ok', found: good })
  t.match(spf, { state: 'ok', key: 'spf-ok', found: 'v=spf1 a:mail.camara-mezochi.example ~all', notes: [] })
  t.match(dmarc, { state: 'ok', key: 'dmarc-ok', notes: [] })
  t.match(sender, { state: 'ok', key: 'sender-ok' })
})

t.test('an empty zone is found empty', async (t) => {
  const { dkim, spf, dmarc } = await check()
  t.match([dkim.key, spf.key, dmarc.key], ['dkim-missing', 'spf-missing', 'dmarc-missing'])
  t.match([dkim.state, spf.state, dmarc.state], ['missing', 'missing', 'missing'])
  t.notOk('found' in dkim)
})

t.test('DKIM: each fault has its own advice', async (t) => {
  const cases: [records: string[], key: FindingKey][] = [
    [[good], 'dkim-ok'],
    [[`p=${publicKey}`], 'dkim-ok'],
    [[`v=DKIM1;k=rsa;h=sha1:sha256;s=*;t=s;n=note;p=${publicKey.slice(0, 50)} ${publicKey.slice(50)};`], 'dkim-ok'],
    [[good, good], 'dkim-several'],
    [['v=DKIM1; k=rsa; p='], 'dkim-revoked'],
    [[`v=DKIM1; k=rsa; p=${publicKey.slice(0, 255)}`], 'dkim-other-key'],
    [[`v=DKIM1; k=ed25519; p=${publicKey}`], 'dkim-invalid'],
    [[`v=DKIM1; h=sha1; p=${publicKey}`], 'dkim-invalid'],
    [[`v=DKIM1; s=other; p=${publicKey}`], 'dkim-invalid'],
    [[`k=rsa; v=DKIM1; p=${publicKey}`], 'dkim-invalid'],
    [[`v=DKIM2; p=${publicKey}`], 'dkim-invalid'],
    [[`v=DKIM1; p=${publicKey}; p=${publicKey}`], 'dkim-invalid'],
    [['v=DKIM1; k=rsa'], 'dkim-invalid'],
    [['hello'], 'dkim-invalid'],
    [[''], 'dkim-invalid'],
  ]
  for (const [txt, wanted] of cases) {
    zone.set(dkimName, { txt })
    const { dkim } = await check()
    t.equal(dkim.key, wanted, txt.join(' | ').slice(0, 60))
  }
})

t.test('DKIM: a record under a doubled name is recognised', async (t) => {
  zone.set(`${dkimName}.${domain}`, { txt: [good] })
  t.match((await check()).dkim, { state: 'missing', key: 'dkim-name-doubled', found: good })
})

t.test('SPF: each fault has its own advice', async (t) => {
  const cases: [records: string[], key: FindingKey][] = [
    [['v=spf1 ip4:192.0.2.25 -all'], 'spf-ok'],
    [['v=spf1 ip4:192.0.2.25 -all', 'v=spf1 mx -all'], 'spf-several'],
    [['v=spf1 ip4:192.0.2.25 +all'], 'spf-anybody'],
    [['v=spf1 ip4:192.0.2.25 all'], 'spf-anybody'],
    [['v=spf1 ip4:192.0.2.25 ?all'], 'spf-neutral'],
    [['v=spf1 ip4:192.0.2.25'], 'spf-neutral'],
    [['v=spf1 ip4:192.0.2.26 -all'], 'spf-not-covered'],
    [['v=spf1 -ip4:192.0.2.25 ip4:192.0.2.0/24 -all'], 'spf-not-covered'],
    [['v=spf1 ip4:nowhere -all'], 'spf-invalid'],
    [['v=spf1 include:nowhere.example -all'], 'spf-include-broken'],
    [['v=spf1 a:v1.example a:v2.example a:v3.example -all'], 'spf-void-lookups'],
    [[`v=spf1 ${'a '.repeat(11)}-all`], 'spf-too-many-lookups'],
  ]
  for (const [txt, wanted] of cases) {
    zone.set(domain, { txt, a: ['198.51.100.1'] })
    const { spf } = await check()
    t.equal(spf.key, wanted, txt.join(' | '))
  }
  zone.set(domain, { txt: ['v=spf1 ip4:192.0.2.25 ptr -all'] })
  t.match((await check()).spf, { key: 'spf-ok', notes: [{ key: 'spf-ptr' }] })
})

t.test('SPF: for a large provider its own include decides, not the address that mail is handed in at', async (t) => {
  const google = { ...account, host: 'smtp.gmail.com' }
  zone.set('smtp.gmail.com', { a: ['192.0.2.25'] })
  zone.set('_spf.google.com', { txt: ['v=spf1 ip4:203.0.113.0/24 ~all'] })
  zone.set(domain, { txt: ['v=spf1 include:_spf.google.com ~all'] })
  t.equal((await check(google)).spf.key, 'spf-ok')
  zone.set(domain, { txt: ['v=spf1 ip4:192.0.2.25 ~all'] })
  t.equal((await check(google)).spf.key, 'spf-not-covered')
  t.equal((await check({ ...google, provider: 'resend' })).spf.key, 'spf-ok', 'nothing is asked of it for another way out')
})

t.test('DMARC: the record of the domain or of one above it, and what it asks', async (t) => {
  const cases: [records: string[], key: FindingKey, notes: string[]][] = [
    [['v=DMARC1; p=none; rua=mailto:a@b.example'], 'dmarc-watching', []],
    [['v=DMARC1; p=none'], 'dmarc-watching', ['dmarc-no-reports']],
    [['v=DMARC1; p=Quarantine; adkim=s; rua=mailto:a@b.example'], 'dmarc-ok', ['dmarc-strict']],
    [['v=DMARC1; p=reject; rua=mailto:a@b.example;'], 'dmarc-ok', []],
    [['v=DMARC1; p=reject', 'v=DMARC1; p=none'], 'dmarc-several', []],
    [['v=DMARC1; rua=mailto:a@b.example'], 'dmarc-invalid', []],
    [['v=DMARC1; p=strict'], 'dmarc-invalid', []],
    [['v=DMARC1 p=reject'], 'dmarc-invalid', []],
    [['v=spf1 -all'], 'dmarc-missing', []],
  ]
  for (const [txt, wanted, notes] of cases) {
    zone.set(`_dmarc.${domain}`, { txt })
    const { dmarc } = await check()
    t.match([dmarc.key, dmarc.notes.map(({ key }) => key)], [wanted, notes], txt.join(' | '))
  }
  zone.clear()
  zone.set('_dmarc.gov.example', { txt: ['v=DMARC1; p=reject; sp=none; rua=mailto:a@b.example'] })
  const below = { ...key, domain: 'mail.camara.gov.example' }
  const { dmarc } = await checkDns(server.dns, below, account)
  t.match([dmarc.key, dmarc.notes.map(({ key }) => key)], ['dmarc-watching', ['dmarc-inherited']], 'sp= is for the domains below')
  t.notOk(
    server.asked.some((question) => question.endsWith(' _dmarc.example')),
    'no top-level domain is asked',
  )
})

t.test('the mail account and the domain are compared', async (t) => {
  const keyOf = async (given: SendingAccount) => (await check(given)).sender.key
  t.equal(await keyOf({ ...account, senderAddress: `info@mail.${domain}` }), 'sender-subdomain')
  t.equal(await keyOf({ ...account, senderAddress: `info@x${domain}` }), 'sender-elsewhere')
  t.equal(await keyOf({ ...account, senderAddress: 'info@gmail.com' }), 'sender-elsewhere')
  t.equal(await keyOf({ provider: 'none', host: '', senderAddress: '' }), 'sender-none')
  t.equal((await checkDns(server.dns, key, undefined)).sender.key, 'sender-none')
  t.match((await check({ ...account, provider: 'resend' })).sender.notes, [{ key: 'sender-resend' }])
})

t.test('what a record says is shown as plain text, and not all of it', async (t) => {
  zone.set(domain, { txt: [`v=spf1 \u0000\u001b[31m\u00e9\r\n${'x'.repeat(3000)}`] })
  const { spf } = await check()
  t.equal(spf.key, 'spf-invalid')
  t.match(spf.found, /^v=spf1 [\x20-\x7e]+$/)
  t.ok((spf.found ?? '').length <= 500)
})

t.test('an answer too long for a datagram comes over TCP', async (t) => {
  zone.set(domain, { txt: [...Array.from({ length: 20 }, (_, at) => `verification-${at}=${'x'.repeat(200)}`), 'v=spf1 ip4:192.0.2.25 -all'] })
  const before = server.overTcp
  t.equal((await check()).spf.key, 'spf-ok')
  t.ok(server.overTcp > before)
})

t.test('a server that fails or is silent is told apart from a record that is missing', async (t) => {
  const brief = await startDns(t, { timeoutMs: 100, tries: 1 })
  brief.zone.set(dkimName, { fails: 'servfail' })
  brief.zone.set(domain, { fails: 'silent' })
  const { dkim, spf, dmarc } = await check(account, brief.dns)
  t.match([dkim.key, spf.key, dmarc.key], ['dkim-unreachable', 'spf-unreachable', 'dmarc-missing'])
  t.match([dkim.state, spf.state, dmarc.state], ['unreachable', 'unreachable', 'missing'])
})

t.test('a check ends at its deadline, however slow the servers', async (t) => {
  const slow = await startDns(t, { timeoutMs: 3_000, tries: 2, deadlineMs: 300 })
  for (const name of [dkimName, domain, `_dmarc.${domain}`]) slow.zone.set(name, { fails: 'silent' })
  const began = performance.now()
  const { dkim, spf, dmarc } = await check(account, slow.dns)
  t.ok(performance.now() - began < 2_000)
  t.same([dkim.state, spf.state, dmarc.state], ['unreachable', 'unreachable', 'unreachable'])
})

t.test('the same name is asked once, and names that cannot be are not', async (t) => {
  zone.set(domain, { txt: ['v=spf1 a:mail.camara-mezochi.example a:mail.camara-mezochi.example a:bad..name -all'] })
  server.asked.length = 0
  await check()
  t.equal(server.asked.filter((question) => question === 'A mail.camara-mezochi.example').length, 1)
  t.notOk(server.asked.some((question) => question.includes('bad')))
})
