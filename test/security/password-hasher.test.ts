import { test } from 'tap'
import { createPasswordHasher } from '../../src/security/password-hasher.ts'

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

test('work that fails gives its place back', async (t) => {
  const hasher = createPasswordHasher({ concurrency: 1, queue: 0 })
  for (let attempt = 0; attempt < 3; attempt++) await t.rejects(hasher.verify('no hash at all', password))
  t.equal(await hasher.verify(await hasher.hash(password), password), true)
})
