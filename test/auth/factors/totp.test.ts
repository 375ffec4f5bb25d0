import { Secret } from 'otpauth'
import t from 'tap'
import { describeTotp, newTotpSecret, stepOfCode } from '../../../src/auth/factors/totp.ts'
import { totpCode } from '../factor-calls.ts'

const secret = newTotpSecret()

t.test('the codes of RFC 6238, appendix B, for SHA-1 are told by their last six digits', (t) => {
  const shared = Secret.fromLatin1('12345678901234567890').base32
  const known = { 59: '287082', 1111111109: '081804', 1111111111: '050471', 1234567890: '005924', 2000000000: '279037', 20000000000: '353130' }
  for (const [seconds, code] of Object.entries(known)) {
    t.equal(stepOfCode(shared, code, Number(seconds) * 1000), Math.floor(Number(seconds) / 30), seconds)
  }
  t.end()
})

t.test('a code counts during its own step, the one before and the one after, and not a millisecond longer', (t) => {
  const step = 60_000_000
  const code = totpCode(secret, step * 30_000)
  const begins = step * 30_000
  t.equal(stepOfCode(secret, code, begins - 30_000), step, 'the first moment of the step before')
  t.equal(stepOfCode(secret, code, begins - 30_001), undefined, 'a millisecond earlier')
  t.equal(stepOfCode(secret, code, begins), step)
  t.equal(stepOfCode(secret, code, begins + 29_999), step)
  t.equal(stepOfCode(secret, code, begins + 59_999), step, 'the last moment of the step after')
  t.equal(stepOfCode(secret, code, begins + 60_000), undefined, 'a millisecond later')
  t.end()
})

t.test('a secret has 160 bits, and no two are the same', (t) => {
  const secrets = Array.from({ length: 200 }, newTotpSecret)
  t.equal(new Set(secrets).size, 200)
  for (const made of secrets) t.equal(Secret.fromBase32(made).bytes.length, 20)
  t.end()
})

t.test('the address for apps says whose it is and what is computed; a colon in the name of a site does not part it', (t) => {
  const { uri, qr } = describeTotp(secret, { issuer: 'Câmara: Mé-Zóchi', label: 'ana@example.com' })
  const url = new URL(uri)
  t.equal(url.protocol, 'otpauth:')
  t.equal(decodeURIComponent(url.pathname).split(':').length, 2)
  t.match(decodeURIComponent(url.pathname), /:ana@example\.com$/)
  t.same(Object.fromEntries(url.searchParams), { issuer: 'Câmara  Mé-Zóchi', secret, algorithm: 'SHA1', digits: '6', period: '30' })
  t.match(qr, /^<svg[^>]*viewBox="0 0 (\d+) \1"/)
  t.notMatch(qr, /script|href|style|on\w+=/i)
  t.end()
})
