import fc from 'fast-check'
import t from 'tap'
import { clientNetwork } from '../../src/security/client-network.ts'

t.test('an IPv4 address counts for itself', async (t) => {
  t.equal(clientNetwork('203.0.113.9'), '203.0.113.9')
  t.not(clientNetwork('203.0.113.9'), clientNetwork('203.0.113.10'))
})

t.test('an IPv4 address that arrives mapped into IPv6 is the same client', async (t) => {
  for (const mapped of ['::ffff:203.0.113.9', '::FFFF:203.0.113.9']) t.equal(clientNetwork(mapped), '203.0.113.9')
})

t.test('a port that a proxy writes behind the address makes no other client', async (t) => {
  for (const [forwarded, network] of Object.entries({
    '203.0.113.9:51234': '203.0.113.9',
    '[2001:db8:1:2::1]:51234': '2001:db8:1:2::/64',
    '[2001:db8:1:2::1]': '2001:db8:1:2::/64',
  })) {
    t.equal(clientNetwork(forwarded), network)
  }
})

t.test('what is no address is one client, however it is written', async (t) => {
  for (const odd of ['unknown', '', '_hidden', '999.1.1.1', '1:2', 'x'.repeat(10_000), '2001:db8::1::2']) t.equal(clientNetwork(odd), 'unknown')
})

t.test('IPv6 addresses of one /64 are one client in every spelling', async (t) => {
  const same = ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:DB8:1:2:0:0:0:1', '2001:0db8:0001:0002::', '2001:db8:1:2::1%eth0']
  t.same([...new Set(same.map(clientNetwork))], ['2001:db8:1:2::/64'])
  for (const other of ['2001:db8:1:3::1', '2001:db8:1::2:1', '2001:db8::1:2:1', '::1']) t.not(clientNetwork(other), '2001:db8:1:2::/64', other)
})

t.test('short forms are filled in before they are cut', async (t) => {
  t.equal(clientNetwork('::1'), '0:0:0:0::/64')
  t.equal(clientNetwork('::'), '0:0:0:0::/64')
  t.equal(clientNetwork('fe80::1'), 'fe80:0:0:0::/64')
  t.equal(clientNetwork('1::2:3:4:5:6:7'), '1:0:2:3::/64')
  t.equal(clientNetwork('::2:3:4:5:6:7:8'), '0:2:3:4::/64')
  t.equal(clientNetwork('2001:db8::5'), '2001:db8:0:0::/64')
})

const group = fc.oneof(fc.constantFrom(0, 1, 0xdb8), fc.integer({ min: 0, max: 0xffff }))
const half = fc.array(group, { minLength: 4, maxLength: 4 })

/** Eight groups as written out in full, without leading zeros, in capitals, and in the shortest form. */
function spellings(groups: readonly number[]): string[] {
  const plain = groups.map((part) => part.toString(16)).join(':')
  const full = groups.map((part) => part.toString(16).padStart(4, '0')).join(':')
  return [plain, full, full.toUpperCase(), new URL(`http://[${plain}]`).hostname.slice(1, -1)]
}

t.test('addresses are one client exactly when their first 64 bits agree, in every spelling', async (t) => {
  fc.assert(
    fc.property(half, half, half, half, (front, otherFront, back, otherBack) => {
      const one = new Set([...spellings([...front, ...back]), ...spellings([...front, ...otherBack])].map(clientNetwork))
      const other = clientNetwork([...otherFront, ...back].map((part) => part.toString(16)).join(':'))
      return one.size === 1 && one.has(other) === (String(front) === String(otherFront))
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
