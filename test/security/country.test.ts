import t from 'tap'
import { placeOf } from '../../src/security/country.ts'

t.test('names the country of public addresses of both families, also of a mapped one', async (t) => {
  t.same(await Promise.all(['197.159.160.1', '8.8.8.8', '2001:41d0::1', '::ffff:8.8.8.8'].map(placeOf)), ['ST', 'US', 'FR', 'US'])
})

t.test('addresses of this machine and of networks without public ones are local', async (t) => {
  const local = [
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.1.1',
    '172.31.0.1',
    '100.64.0.1',
    '169.254.1.1',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
  ]
  for (const address of local) t.equal(await placeOf(address), 'local', address)
})

t.test('what nobody registered, and what is no address, is unknown', async (t) => {
  for (const address of ['', 'x', '198.18.0.1', '1.2.3', '256.1.1.1', '::ffff:zz']) t.equal(await placeOf(address), 'unknown', address)
})
