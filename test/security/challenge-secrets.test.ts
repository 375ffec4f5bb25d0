import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { codeDigits, createChallengeMint } from '../../src/security/challenge-secrets.ts'
import { newId } from '../../src/security/random-token.ts'
import { hashToken } from '../../src/security/refresh-token.ts'

const [old, current] = [randomBytes(32), randomBytes(32)]
const mint = createChallengeMint([current])
const tenant = newId()

test('the same challenge has the same secrets each time: a mail sent twice says the same', (t) => {
  const id = newId()
  t.same(mint.mint(tenant, id), mint.mint(tenant, id))
  t.same(createChallengeMint([current]).mint(tenant, id), mint.mint(tenant, id), 'in another process too')
  const { token, code, tokenHash } = mint.mint(tenant, id)
  t.match(token, /^[\w-]{43}$/)
  t.match(code, /^\d{6}$/)
  t.equal(codeDigits, 6)
  t.same(tokenHash, hashToken(token))
  t.end()
})

test('another challenge, tenant or key has others, and token and code tell nothing of each other', (t) => {
  const id = newId()
  const own = mint.mint(tenant, id)
  for (const other of [mint.mint(tenant, newId()), mint.mint(newId(), id), createChallengeMint([old]).mint(tenant, id)]) {
    t.not(other.token, own.token)
    t.notSame(other.tokenHash, own.tokenHash)
    t.notSame(other.codeHash, own.codeHash)
  }
  const tokens = new Set(Array.from({ length: 2_000 }, () => mint.mint(tenant, newId()).token))
  t.equal(tokens.size, 2_000)
  t.end()
})

test('codes are spread over all six digits, zeros in front included', (t) => {
  const codes = Array.from({ length: 10_000 }, () => mint.mint(tenant, newId()).code)
  t.ok(codes.every((code) => /^\d{6}$/.test(code)))
  for (let place = 0; place < 6; place++) {
    const counts = Array(10).fill(0)
    for (const code of codes) counts[Number(code[place])]++
    // Chi-squared with nine degrees of freedom: 40 is passed by chance once in 10^5.
    const chi = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
    t.ok(chi < 40, `place ${place}: ${chi}`)
  }
  t.end()
})

test('a code matches its own hash alone', (t) => {
  const { code, codeHash } = mint.mint(tenant, newId())
  t.equal(mint.codeMatches(code, codeHash), true)
  const wrong = code === '000000' ? '000001' : '000000'
  for (const other of [wrong, '', code.slice(1), `${code}0`, ` ${code}`]) t.equal(mint.codeMatches(other, codeHash), false, other)
  t.equal(mint.codeMatches(code, new Uint8Array(32)), false, 'no hash at all')
  t.equal(mint.codeMatches(code, new Uint8Array(0)), false)
  t.equal(mint.codeMatches(code, codeHash.subarray(1)), false, 'a hash cut short')
  t.equal(createChallengeMint([old]).codeMatches(code, codeHash), false, 'the hash alone does not let anybody try out a million codes')
  t.end()
})

test('after the key ring has turned, what is in a mail already stays good, and a mail sent again says the same', (t) => {
  const id = newId()
  const before = createChallengeMint([old]).mint(tenant, id)
  const turned = createChallengeMint([current, old])
  t.same(turned.mint(tenant, id, before.tokenHash), before)
  t.equal(turned.codeMatches(before.code, before.codeHash), true)
  t.not(turned.mint(tenant, id).token, before.token, 'a challenge minted only now is made under the new key')
  t.same(turned.mint(tenant, id, hashToken('something else')), turned.mint(tenant, id))
  t.end()
})

test('without a key there is no mint: TypeError', (t) => {
  t.throws(() => createChallengeMint([]), TypeError)
  t.end()
})
