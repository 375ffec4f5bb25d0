import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { createSecretBox } from '../../src/security/secret-box.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const place = { tenantId: '01890000-0000-7000-8000-00000000000a', field: 'signing_keys.sealed_private' }

test('what is sealed opens again, and never reads the same twice', (t) => {
  const box = createSecretBox([key('a')])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
      const sealed = box.seal(plain, place)
      return box.open(sealed, place) === plain && box.seal(plain, place) !== sealed && (plain.length < 8 || !sealed.includes(plain))
    }),
  )
  t.end()
})

test('a sealed value opens in its own place alone', (t) => {
  const box = createSecretBox([key('a')])
  const sealed = box.seal('secret', place)
  t.throws(() => box.open(sealed, { ...place, tenantId: '01890000-0000-7000-8000-00000000000b' }))
  t.throws(() => box.open(sealed, { ...place, field: 'mail_accounts.password' }))
  t.equal(box.open(sealed, place), 'secret')
  t.end()
})

test('one changed bit anywhere keeps it shut', (t) => {
  const box = createSecretBox([key('a')])
  const [version, id, body = ''] = box.seal('secret', place).split('.')
  const bytes = Buffer.from(body, 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    t.throws(() => box.open([version, id, changed.toString('base64url')].join('.'), place), `byte ${at}`)
  }
  for (const length of [0, 11, 12, 27]) {
    t.throws(() => box.open([version, id, bytes.subarray(0, length).toString('base64url')].join('.'), place), `cut to ${length} bytes`)
  }
  for (const text of ['', 'v1', 'v2.a.AAAA', 'v1..AAAA', 'v1.b.AAAA', 'secret']) t.throws(() => box.open(text, place), text)
  t.end()
})

test('the newest key seals and every key of the ring opens', (t) => {
  const [older, newer] = [key('2025'), key('2026')]
  const sealed = createSecretBox([older]).seal('secret', place)
  const rotated = createSecretBox([newer, older])
  t.equal(rotated.open(sealed, place), 'secret')
  t.match(rotated.seal('secret', place), /^v1\.2026\./)
  t.throws(() => createSecretBox([newer]).open(sealed, place), /SECRET_KEYS/, 'a key that was taken away opens nothing')
  t.throws(() => createSecretBox([{ ...newer, id: '2025' }]).open(sealed, place), 'nor another one under its name')
  t.throws(() => createSecretBox([]), TypeError)
  t.end()
})

test('what an older key sealed needs to be sealed anew', (t) => {
  const [older, newer] = [key('2026'), key('2026b')]
  const box = createSecretBox([newer, older])
  t.equal(box.needsReseal(createSecretBox([older]).seal('secret', place)), true)
  t.equal(box.needsReseal(box.seal('secret', place)), false)
  t.equal(createSecretBox([older, newer]).needsReseal(box.seal('secret', place)), true, 'an id that begins like another is another')
  t.equal(box.needsReseal(''), true)
  t.end()
})

test('derived keys differ by purpose and keep their order', (t) => {
  const ring = [key('a'), key('b')]
  const box = createSecretBox(ring)
  const keys = [...box.deriveKeys('refresh'), ...box.deriveKeys('cursor'), ...ring.map((entry) => entry.key)].map((bytes) => bytes.toString('hex'))
  t.equal(new Set(keys).size, 6)
  t.same(box.deriveKeys('refresh'), createSecretBox(ring).deriveKeys('refresh'))
  t.same(box.deriveKeys('refresh')[1], createSecretBox(ring.slice(1)).deriveKeys('refresh')[0])
  t.end()
})
