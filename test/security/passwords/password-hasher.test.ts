import { test } from 'tap'
import { createPasswordHasher } from '../../../src/security/passwords/password-hasher.ts'

const password = 'correct horse battery'

test('a password is stored as Argon2id with the agreed cost, and verified', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const stored = await hasher.hash(password)
  t.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  t.not(await hasher.hash(password), stored, 'salted')
  t.equal(await hasher.verify(stored, password), true)
  t.equal(await hasher.verify(stored, `${password} `), false)
  t.equal(await hasher.verify(stored, ''), false)
})

test('an account without a password verifies nothing', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  for (const attempt of [password, '', 'undefined']) t.equal(await hasher.verify(undefined, attempt), false)
})

test('one caller more than the queue holds is answered 503 OVERLOADED, and those in it are served', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 2, queue: 3 })
  const stored = await hasher.hash(password)
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.verify(stored, password)))
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  t.equal(answers.filter((answer) => answer.status === 'fulfilled' && answer.value).length, 5, 'two at once and three in the queue')
  t.equal(refused.length, 3)
  for (const reason of refused) t.match(reason, { code: 'OVERLOADED', statusCode: 503, retryAfter: 1 })
  t.equal(await hasher.verify(stored, password), true, 'afterwards there is room again')
})

test('what no format reads is false, and costs what an unknown account costs', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 0 })
  for (const stored of ['', 'no hash at all', password, '$argon2id$v=19$m=19456,t=2,p=1$', '!unusable']) {
    t.equal(await hasher.verify(stored, password), false, stored)
    t.equal(hasher.isOutdated(stored), false)
  }
  await hasher.verify(undefined, 'warm')
  const [first, second] = await Promise.allSettled([hasher.verify('no hash at all', 'x'), hasher.verify('no hash at all', 'x')])
  t.same(first, { status: 'fulfilled', value: false })
  t.match(second, { status: 'rejected', reason: { code: 'OVERLOADED' } }, 'it took the slot')
})

test('only a hash of our own making is not outdated', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const own = await hasher.hash(password)
  t.equal(hasher.isOutdated(own), false)
  for (const other of [`argon2${own}`, own.replace('t=2', 't=3'), own.replace('argon2id', 'argon2i'), own.replace('v=19', 'v=16')]) {
    t.equal(hasher.isOutdated(other), true, other)
  }
})

test('case, blanks at either end and the last of 128 letters count', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const long = ` Uma palavra ${'comprida '.repeat(12)}`.padEnd(127, '.').concat('!')
  t.equal(long.length, 128)
  const stored = await hasher.hash(long)
  for (const other of [long.toLowerCase(), long.trim(), long.slice(0, -1), `${long.slice(0, -1)}?`, long.slice(0, 72), `${long} `]) {
    t.equal(await hasher.verify(stored, other), false, other)
  }
  t.equal(await hasher.verify(stored, long), true)
})

test('composed and decomposed, wide and non-breaking are one password', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const composed = 'Água de São Tomé 7'.normalize('NFC')
  const ways = [composed, composed.normalize('NFD'), composed.replace('7', '\uff17'), composed.replaceAll(' ', '\u00a0')]
  t.equal(new Set(ways).size, ways.length, 'all are different texts')
  for (const set of ways) {
    const stored = await hasher.hash(set)
    for (const typed of ways) t.equal(await hasher.verify(stored, typed), true)
    t.equal(await hasher.verify(stored, composed.replace('Á', 'A')), false, 'without its accent it is another')
    t.equal(await hasher.verify(stored, composed.toLowerCase()), false)
  }
})

test("another system's hash is tried as typed and in normal form", async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const composed = 'Água de São Tomé 7'.normalize('NFC')
  for (const stored of [asComposed, asDecomposed]) {
    t.equal(await hasher.verify(stored, composed.replace('Água', 'Agua')), false)
  }
  t.equal(await hasher.verify(asComposed, composed), true)
  t.equal(await hasher.verify(asComposed, composed.normalize('NFD')), true)
  t.equal(await hasher.verify(asDecomposed, composed.normalize('NFD')), true, 'as its owner has always typed it')
  t.equal(await hasher.verify(asDecomposed, composed), false, 'nobody can guess what was meant')
})

test('a cheap hash of another system takes no less time than an unknown account', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  // One iteration: microseconds.
  const cheap = 'pbkdf2_sha256$1$salt$wQrNZd/YB1Sq3PD4J4QmRwkQtlSLXuB4ji+iq9RN9ZM='
  t.equal(hasher.isOutdated(cheap), true, 'it is read')
  const times = { cheap: [] as number[], unknown: [] as number[] }
  for (let round = 0; round < 15; round++) {
    times.cheap.push(await timed(() => hasher.verify(cheap, 'wrong')))
    times.unknown.push(await timed(() => hasher.verify(undefined, 'wrong')))
  }
  const [one, other] = [median(times.cheap), median(times.unknown)]
  t.ok(one > other * 0.6, `${one} ms for the cheap one, ${other} ms for nobody`)
})

// argon2-cffi 25.1.0, PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1): our own costs, so nothing tells them from ours.
// Of the composed text it is bcrypt 5.0.0 for Python.
const asComposed = '$2b$06$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m'
const asDecomposed = '$argon2id$v=19$m=19456,t=2,p=1$+imT+O+wra0Wz/cGr5dQaQ$Y/xvZYrpkfIc48za3EVhyZJHOVke3eNhT0VhsWBFAwA'

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

const median = (values: number[]) => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0
