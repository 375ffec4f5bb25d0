import { test } from 'tap'
import { createKeySets, type OpenedKey } from '../../../src/auth/keys/key-set.ts'
import { retiredKeyLife } from '../../../src/auth/sessions/token-life.ts'
import { generateSigningKey, publicPem } from '../../../src/security/signing-key.ts'

const never = Number.POSITIVE_INFINITY

function key(activatesAt: number, retiredAt = never, able = true): OpenedKey {
  const { publicJwk: jwk, privatePem } = generateSigningKey()
  return { jwk, publicPem: publicPem(jwk), privatePem: able ? privatePem : undefined, activatesAt, retiredAt }
}

const kids = (keys: OpenedKey[]) => keys.map(({ jwk }) => jwk.kid)

test('the clock alone moves signing from one key to the next, at the very millisecond', (t) => {
  const [old, next] = [key(0, 1_000), key(1_000)]
  const sets = createKeySets([next, old])
  for (const [now, signer] of [
    [0, old],
    [999, old],
    [1_000, next],
    [1_001, next],
    [999, old],
  ] as const) {
    const { current, publicPems } = sets.at(now)
    t.equal(current.kid, signer.jwk.kid, `at ${now}`)
    t.equal(current.privatePem, signer.privatePem, 'kid and key of one pair')
    t.same([...publicPems.keys()].sort(), kids([old, next]).sort(), 'both are published')
  }
  t.end()
})

test('a retired key is published for its last token’s life and a day, then no more', (t) => {
  const [old, next] = [key(0, 1_000), key(1_000)]
  const sets = createKeySets([next, old])
  const end = 1_000 + retiredKeyLife * 1_000
  t.equal(retiredKeyLife, 630 + 86_400)
  t.same(
    sets.at(end - 1).jwks.keys.map(({ kid }) => kid),
    kids([next, old]),
  )
  const before = sets.at(end - 1).etag
  t.same(
    sets.at(end).jwks.keys.map(({ kid }) => kid),
    kids([next]),
  )
  t.notOk(sets.at(end).publicPems.has(old.jwk.kid))
  t.not(sets.at(end).etag, before)
  t.end()
})

test('a set is made once for each stretch of time, and its ETag changes only with what is published', (t) => {
  const sets = createKeySets([key(1_000), key(0, 1_000)])
  t.equal(sets.at(1), sets.at(999), 'the same one, from memory')
  t.not(sets.at(999), sets.at(1_000))
  t.equal(sets.at(999).etag, sets.at(1_000).etag)
  t.end()
})

test('a clock that is behind signs with the next key once the old private half is wiped', (t) => {
  const [old, next] = [key(0, 1_000, false), key(1_000)]
  t.equal(createKeySets([next, old]).at(900).current.kid, next.jwk.kid)
  t.end()
})

test('without a key that opens nothing signs, and the public halves stay', (t) => {
  const closed = key(0, never, false)
  const set = createKeySets([closed]).at(1)
  t.throws(() => set.current, /no key of SECRET_KEYS opens/)
  t.ok(set.publicPems.has(closed.jwk.kid))
  t.throws(() => createKeySets([]).at(1).current, /has no signing key/)
  const retired = key(0, 500)
  t.throws(() => createKeySets([key(500, never, false), retired]).at(600).current, /no key of SECRET_KEYS opens/, 'a retired one does not step in')
  t.end()
})
