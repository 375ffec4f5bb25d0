import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { newId } from '../../src/security/random-token.ts'
import { createRefreshTokens, hashToken, openUnder, refreshTokenLength, sameHash, sealUnder } from '../../src/security/refresh-token.ts'

const tenant = newId()
const tokens = createRefreshTokens([randomBytes(32)])

test('a token says which session and generation it is of, and to its tenant alone', (t) => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat({ max: 0xffff_ffff }), (sessionId, generation) => {
      const text = tokens.issue(tenant, { sessionId, generation })
      t.same(tokens.read(tenant, text), { sessionId, generation })
      return text.length === refreshTokenLength && tokens.read(newId(), text) === undefined
    }),
    { numRuns: 50 },
  )
  t.end()
})

test('two tokens of one session are never the same', (t) => {
  const token = { sessionId: newId(), generation: 0 }
  t.not(tokens.issue(tenant, token), tokens.issue(tenant, token))
  t.end()
})

test('what was not issued is not read', (t) => {
  const text = tokens.issue(tenant, { sessionId: newId(), generation: 1 })
  const bytes = Buffer.from(text, 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 0x80
    t.equal(tokens.read(tenant, changed.toString('base64url')), undefined, `byte ${at} changed`)
  }
  const others = [
    '',
    'x',
    text.slice(1),
    `${text}A`,
    `${text}=`,
    ` ${text}`,
    text.replaceAll('-', '+'),
    randomBytes(68).toString('base64url'),
    'é'.repeat(91),
  ]
  for (const other of others.filter((candidate) => candidate !== text)) t.equal(tokens.read(tenant, other), undefined, other.slice(0, 20))
  t.end()
})

test('a token has one spelling', (t) => {
  // 68 bytes leave four bits of the last character unused: base64 decoders ignore them.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const text = tokens.issue(tenant, { sessionId: newId(), generation: 1 })
  const last = alphabet.indexOf(text.slice(-1))
  const twin = text.slice(0, -1) + alphabet[last ^ 1]
  t.same(Buffer.from(twin, 'base64url'), Buffer.from(text, 'base64url'), 'it decodes to the same bytes')
  t.equal(tokens.read(tenant, twin), undefined)
  t.end()
})

test('tokens of a former key are still read, and new ones use the first', (t) => {
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  const text = createRefreshTokens([older]).issue(tenant, { sessionId: newId(), generation: 0 })
  t.ok(createRefreshTokens([newer, older]).read(tenant, text))
  t.equal(createRefreshTokens([newer]).read(tenant, text), undefined)
  const fresh = createRefreshTokens([newer, older]).issue(tenant, { sessionId: newId(), generation: 0 })
  t.ok(createRefreshTokens([newer]).read(tenant, fresh))
  t.throws(() => createRefreshTokens([]), TypeError)
  t.end()
})

test('a successor opens under the token before it alone', (t) => {
  const [before, after] = [0, 1].map((generation) => tokens.issue(tenant, { sessionId: newId(), generation })) as [string, string]
  const sealed = sealUnder(before, after)
  t.equal(openUnder(before, sealed), after)
  t.throws(() => openUnder(after, sealed))
  sealed[3] = (sealed[3] ?? 0) ^ 1
  t.throws(() => openUnder(before, sealed))
  t.end()
})

test('hashes are compared whole', (t) => {
  t.ok(sameHash(hashToken('a'), hashToken('a')))
  t.notOk(sameHash(hashToken('a'), hashToken('b')))
  t.notOk(sameHash(hashToken('a'), hashToken('a').subarray(1)), 'lengths differ')
  t.end()
})
