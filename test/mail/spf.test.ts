import t from 'tap'
import { type SpfQuestion, spfRecords, walkSpf } from '../../src/mail/domains/spf.ts'
import { startDns } from '../dns-server.ts'

const server = await startDns(t)
const { zone } = server
const [domain, host, other] = ['camara.example', '192.0.2.10', '198.51.100.7']

async function walk(record: string, addresses: SpfQuestion['addresses'] = [host]) {
  const lookups = server.dns.open()
  try {
    return await walkSpf(lookups, { domain, record: `v=spf1 ${record}`, addresses })
  } finally {
    lookups.close()
  }
}

t.test('a part says what its sign says, and the first that fits counts', async (t) => {
  zone.set(domain, { a: [host], aaaa: ['2001:db8::10'], mx: ['mx.camara.example'] })
  zone.set('mx.camara.example', { a: ['203.0.113.5'] })
  zone.set('smtp.camara.example', { a: ['203.0.113.66'] })
  const cases: [record: string, address: string, verdict: string | undefined][] = [
    ['ip4:192.0.2.10 -all', host, '+'],
    ['ip4:192.0.2.0/24 -all', host, '+'],
    ['ip4:192.0.2.11 -all', host, '-'],
    ['-ip4:192.0.2.10 +ip4:192.0.2.10 ~all', host, '-'],
    ['?ip4:192.0.2.10 -all', host, '?'],
    ['ip6:2001:db8::/32 ~all', '2001:db8::1', '+'],
    ['ip6:2001:db8::1 ~all', '2001:db8::2', '~'],
    ['ip6:2001:db8::/32 -all', host, '-'],
    ['a -all', host, '+'],
    ['a -all', '2001:db8::10', '+'],
    ['a/24 -all', '192.0.2.200', '+'],
    ['a//64 -all', '2001:db8::ffff', '+'],
    ['a:smtp.camara.example -all', '203.0.113.66', '+'],
    ['a:smtp.camara.example/28 -all', '203.0.113.70', '+'],
    ['a:smtp.camara.example/28 -all', '203.0.113.90', '-'],
    ['mx -all', '203.0.113.5', '+'],
    ['MX -ALL', '203.0.113.5', '+'],
    ['mx', '203.0.113.6', undefined],
    ['exists:%{i}.spf.example -all', host, '-'],
    ['exp=why.example unknown=x -all', host, '-'],
  ]
  for (const [record, address, verdict] of cases) t.strictSame((await walk(record, [address])).verdicts, [verdict], `${record} for ${address}`)
  t.strictSame((await walk('ip4:192.0.2.10 -all', [host, other])).verdicts, ['+', '-'], 'several addresses, each its own')
})

t.test('an include fits where the other record says pass, and only then; redirect hands over', async (t) => {
  zone.set('pass.example', { txt: ['v=spf1 ip4:192.0.2.10 -all'] })
  zone.set('deep.example', { txt: ['other text', 'v=spf1 include:pass.example ?all'] })
  t.strictSame((await walk('include:deep.example ~all', [host, other])).verdicts, ['+', '~'])
  t.strictSame([...(await walk('include:Deep.example. ~all')).includes], ['deep.example', 'pass.example'])
  const redirected = await walk('redirect=pass.example', [host, other])
  t.match(redirected, { verdicts: ['+', '-'], all: '-', fault: undefined })
  t.match(await walk('redirect=pass.example ~all', [other]), { verdicts: ['~'], all: '~' }, 'beside an all it says nothing')
})

t.test('what ends a record is told', async (t) => {
  for (const sign of ['+', '-', '~', '?'] as const) t.equal((await walk(`${sign}all`)).all, sign)
  t.equal((await walk('all')).all, '+', 'no sign is a plus')
  t.equal((await walk('ip4:192.0.2.1')).all, undefined)
})

t.test('more than 10 look-ups void it, at any depth; 10 do not', async (t) => {
  for (let at = 1; at <= 12; at++) zone.set(`n${at}.example`, { txt: ['v=spf1 ip4:198.51.100.1 ~all'], a: [other] })
  const includes = (count: number) => Array.from({ length: count }, (_, at) => `include:n${at + 1}.example`).join(' ')
  t.equal((await walk(`${includes(10)} ~all`)).fault, undefined)
  t.equal((await walk(`${includes(11)} ~all`)).fault, 'spf-too-many-lookups')
  zone.set('five.example', { txt: [`v=spf1 ${includes(5)} ~all`] })
  t.equal((await walk('include:five.example a mx ptr exists:x.example ~all')).fault, undefined, '1 + 5 + 4')
  t.equal((await walk('include:five.example include:five.example ~all')).fault, 'spf-too-many-lookups', 'each time anew')
  t.equal((await walk('include:five.example a mx ptr exists:x.example ~all')).ptr, true)
  t.equal((await walk('ip4:192.0.2.1 ip4:192.0.2.2 ip6:2001:db8::1 all')).fault, undefined, 'addresses need none')
})

t.test('records that include each other end as too many', async (t) => {
  zone.set('ping.example', { txt: ['v=spf1 include:pong.example ~all'] })
  zone.set('pong.example', { txt: ['v=spf1 include:ping.example ~all'] })
  t.equal((await walk('include:ping.example ~all')).fault, 'spf-too-many-lookups')
  zone.set('self.example', { txt: ['v=spf1 redirect=self.example'] })
  t.equal((await walk('redirect=self.example')).fault, 'spf-too-many-lookups')
})

t.test('an include without one sound record voids it', async (t) => {
  zone.set('two.example', { txt: ['v=spf1 -all', 'v=spf1 ~all'] })
  zone.set('none.example', { txt: ['v=spf10 -all', 'hello'] })
  for (const name of ['two.example', 'none.example', 'missing.example']) {
    t.equal((await walk(`include:${name} ~all`)).fault, 'spf-include-broken', name)
  }
})

t.test('more than two names that are not there void it', async (t) => {
  t.equal((await walk('a:v1.example a:v2.example ~all')).fault, undefined)
  t.equal((await walk('a:v1.example a:v2.example mx:v3.example ~all')).fault, 'spf-void-lookups')
})

t.test('what cannot be read voids it', async (t) => {
  const broken = ['ip4:192.0.2.300', 'ip4:2001:db8::1', 'ip6:192.0.2.1', 'ip4:192.0.2.0/33', 'ip4', 'include', 'include:', 'exists', 'all:x', 'all/8']
  for (const term of [...broken, 'a/33', 'a//129', 'mx:', 'ipv4:192.0.2.1', 'include:a.example/8', '++all', 'a:x/24/24', '=x', '—all']) {
    t.equal((await walk(`${term} ~all`)).fault, 'spf-invalid', term)
  }
  t.equal((await walk(`${'ip4:192.0.2.1 '.repeat(101)}~all`)).fault, 'spf-invalid', 'endless')
})

t.test('only v=spf1 alone or before a space begins a record', (t) => {
  t.same(spfRecords(['v=spf1', 'V=SPF1 -all', 'v=spf1 -all', 'v=spf10 -all', 'v=spf1;-all', ' v=spf1 -all']), [
    'v=spf1',
    'V=SPF1 -all',
    'v=spf1 -all',
  ])
  t.end()
})
