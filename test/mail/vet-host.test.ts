import { test } from 'tap'
import { MailFailure } from '../../src/mail/providers/provider.ts'
import { isPublicAddress } from '../../src/mail/providers/public-address.ts'
import { vetHost } from '../../src/mail/providers/vet-host.ts'
import { failureReason } from './failure-reason.ts'

const somewhere = { address: '198.41.0.4', family: 4 }
const timeout = 1_000

/** A resolver that gives one answer after another, and counts. */
function resolver(...answers: { address: string; family: number }[][]) {
  const asked: string[] = []
  const lookup = async (host: string) => {
    asked.push(host)
    return answers[Math.min(asked.length, answers.length) - 1] ?? []
  }
  return { asked, lookup }
}

const at = (...addresses: string[]) => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

const refusedAddresses = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'unique local': ['fc00::1', 'fd12:3456:789a::1', 'fec0::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'documentation and benchmarks': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1', '3fff::1', '2001:2::1'],
  reserved: ['240.0.0.1', '255.255.255.255', '192.0.0.8', '192.88.99.1', '4000::1'],
  'of a cloud': ['168.63.129.16'],
  mapped: ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1'],
  compatible: ['::127.0.0.1', '::10.0.0.1'],
  'through NAT64': ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::c0a8:1', '64:ff9b:1::808:808'],
  '6to4 and Teredo': ['2002:7f00:1::', '2002:a00:1::1', '2001:0:53aa:64c::1'],
  'no address': ['', 'mail.example.org', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '1.2.3.4.5', '1.2.3.4 '],
}

test('an address that is not of the public Internet is none', (t) => {
  for (const [what, addresses] of Object.entries(refusedAddresses))
    for (const address of addresses) t.notOk(isPublicAddress(address), `${what}: ${address}`)
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '198.41.0.4', '2606:4700::1111', '2a00:1450::1', '64:ff9b::808:808']) {
    t.ok(isPublicAddress(address), `control: ${address} is public`)
  }
  t.end()
})

test('a name is refused when any of its addresses is not public', async (t) => {
  for (const address of Object.values(refusedAddresses).flat()) {
    for (const answer of [at(address), [somewhere, ...at(address)], [...at(address), somewhere]]) {
      const { lookup } = resolver(answer)
      t.equal(await failureReason(vetHost('mail.example.org', 465, { privateHosts: [], lookup, timeout })), 'host-refused', address)
    }
  }
  const { lookup, asked } = resolver([somewhere, ...at('2606:4700::1111')])
  const vetted = await vetHost('Mail.Example.org', 465, { privateHosts: [], lookup, timeout })
  t.same(vetted, { name: 'mail.example.org', addresses: [somewhere, ...at('2606:4700::1111')], private: false }, 'control: public ones are taken')
  t.same(asked, ['mail.example.org'], 'and asked for once')
})

const oddHosts = [
  '127.0.0.1',
  '8.8.8.8',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '017700000001',
  '::1',
  '[::1]',
  '::ffff:127.0.0.1',
  '[::ffff:127.0.0.1]',
  'mail.example.0x7f',
  'mail.example.1',
  'localhost',
  'LOCALHOST',
  'smtp',
  'mail.localhost',
  'mail.localhost.localdomain',
  'printer.local',
  'db.internal',
  'postgres.railway.internal',
  'metadata.google.internal',
  'nas.lan',
  'nas.home.arpa',
  '1.0.0.127.in-addr.arpa',
  'mail.example.org.',
  'localhost.',
  'mail..example.org',
  '.example.org',
  'mail.example.org:25',
  'mail.example.org/path',
  'user@mail.example.org',
  'mail.example.org\r\nX: y',
  'mail.example.org ',
  ' mail.example.org',
  'mail.example.org\0',
  '%31%32%37.0.0.1',
  'mail%2eexample.org',
  '１２７.０.０.１',
  '127。0。0。1',
  'mail。example。org',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  'exämple.org',
  '-mail.example.org',
  'mail_1.example.org',
  `${'a'.repeat(64)}.example.org`,
  `${'a.'.repeat(130)}org`,
  '',
]

test('an address, an odd notation and an inner name are refused before anybody is asked', async (t) => {
  const { lookup, asked } = resolver([somewhere])
  for (const host of oddHosts) {
    t.equal(await failureReason(vetHost(host, 465, { privateHosts: [], lookup, timeout })), 'host-refused', JSON.stringify(host))
  }
  t.same(asked, [])
  for (const host of ['mail.example.org', 'xn--exmple-cua.org', 'smtp.xn--p1ai', 'internal.example.org', 'a-1.b2.co']) {
    t.equal((await vetHost(host, 465, { privateHosts: [], lookup, timeout })).name, host, `control: ${host} is taken`)
  }
})

test('only the ports of submission are taken', async (t) => {
  const { lookup } = resolver([somewhere])
  for (const port of [0, 22, 25, 80, 110, 443, 588, 5432, 6379, 65535, 465.5, Number.NaN]) {
    t.equal(await failureReason(vetHost('mail.example.org', port, { privateHosts: [], lookup, timeout })), 'host-refused', String(port))
  }
  for (const port of [465, 587, 2525]) t.ok(await vetHost('mail.example.org', port, { privateHosts: [], lookup, timeout }), String(port))
})

test("a host of the operator's list is taken as it is, and no other", async (t) => {
  const inner = resolver(at('10.1.2.3')).lookup
  const vet = (host: string, port: number) =>
    vetHost(host, port, { privateHosts: ['relay', 'mail.internal:2500', '10.1.2.3'], lookup: inner, timeout })
  t.same(await vet('Relay', 25), { name: 'relay', addresses: at('10.1.2.3'), private: true }, 'any port where none is named')
  t.equal((await vet('mail.internal', 2500)).private, true)
  t.equal((await vet('10.1.2.3', 25)).private, true)
  for (const [host, port] of [
    ['mail.internal', 2501],
    ['mail.internal', 465],
    ['relay.example.org', 465],
    ['xrelay', 465],
    ['relay:25', 25],
    ['relay.', 25],
    ['10.1.2.4', 25],
    ['10.1.515', 25],
  ] as const) {
    t.equal(await failureReason(vet(host, port)), 'host-refused', `${host} ${port}`)
  }
})

test('a name that does not exist answers as one that is not allowed; a resolver that is away is another matter', async (t) => {
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(`queryA ${code} db.corp.example.org`), { code })
  }
  const vet = (lookup: ReturnType<typeof failing>) => vetHost('db.corp.example.org', 465, { privateHosts: [], lookup, timeout: 50 })
  const [unknown, inner] = await Promise.all(
    [vet(failing('ENOTFOUND')), vetHost('db.corp.example.org', 465, { privateHosts: [], lookup: resolver(at('10.0.0.1')).lookup, timeout })].map(
      (vetting) => vetting.catch((error) => error),
    ),
  )
  t.type(unknown, MailFailure)
  t.same([unknown.reason, unknown.message], [inner.reason, inner.message])
  t.equal(unknown.reason, 'host-refused')
  t.equal(
    await failureReason(vetHost('mail.example.org', 465, { privateHosts: [], lookup: resolver([]).lookup, timeout })),
    'host-refused',
    'no address',
  )
  t.equal(await failureReason(vet(failing('EAI_AGAIN'))), 'unreachable')
  t.equal(await failureReason(vet(() => new Promise(() => {}))), 'timeout', 'one that never answers')
})

test("the system's own resolver is asked where no other is given", async (t) => {
  const vetted = await vetHost('localhost', 2525, { privateHosts: ['localhost'], timeout })
  t.ok(vetted.addresses.some(({ address }) => address === '127.0.0.1' || address === '::1'))
})
