import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { problem } from '../../../src/errors.ts'
import { createTestApp, password as plain } from '../../app.ts'
import { authCalls, outcome } from '../auth-calls.ts'

const { app, data, a, b } = await createTestApp(t)
const { signIn } = authCalls(app)
const password = 'Água de São Tomé 7'
/** bcrypt 5.0.0 for Python, cost 6, of `password`. */
const foreign = '$2b$06$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m'
const own = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

let members = 0
async function imported(site = a) {
  const email = `imported${++members}@people.example`
  const db = data.open({ max: 2 }).forTenant(site.id)
  const id = await createMember(db, app.hasher, { tenantId: site.id, email, name: 'Ana', role: 'member', hash: foreign })
  return { id, email }
}

const hashOf = async (id: string): Promise<string> => (await data.owner.query('select hash from passwords where member_id = $1', [id])).rows[0]?.hash

t.test('a hash of another system signs in: 200, and is ours from then on', async (t) => {
  const { id, email } = await imported()
  t.equal(await hashOf(id), foreign, 'kept as it came')
  t.equal(outcome(await signIn(a, { email, password: `${password} ` })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal(await hashOf(id), foreign, 'a wrong password changes nothing')
  t.equal((await signIn(a, { email, password })).statusCode, 200)
  const renewed = await hashOf(id)
  t.match(renewed, own)
  t.equal((await signIn(a, { email, password })).statusCode, 200, 'and again')
  t.equal(await hashOf(id), renewed, 'our own is left alone')
  t.equal((await signIn(a, { email, password: password.normalize('NFD') })).statusCode, 200, 'from another keyboard')
  t.equal(outcome(await signIn(a, { email, password: password.toLowerCase() })), '401 AUTH_INVALID_CREDENTIALS')
})

t.test('a hash of ours is not touched by a sign-in', async (t) => {
  const before = await hashOf(a.owner.id)
  t.match(before, own)
  t.equal((await signIn(a, { email: a.owner.email, password: plain })).statusCode, 200)
  t.equal(await hashOf(a.owner.id), before)
})

t.test('a password that was changed meanwhile stays: the old one is not written over it', async (t) => {
  const { id, email } = await imported()
  const changed = await app.hasher.hash('the password of a reset')
  const hash = app.hasher.hash
  t.intercept(app.hasher, 'hash', {
    value: async (text: string) => {
      await data.owner.query('update passwords set hash = $2 where member_id = $1', [id, changed])
      return hash(text)
    },
  })
  t.equal((await signIn(a, { email, password })).statusCode, 200, 'it was right when it was verified')
  t.equal(await hashOf(id), changed)
})

t.test('a full queue does not fail the sign-in: 200, and the next one renews', async (t) => {
  const { id, email } = await imported()
  await t.test('while it is full', async (t) => {
    t.intercept(app.hasher, 'hash', { value: () => Promise.reject(problem('OVERLOADED', { retryAfter: 1 })) })
    t.equal((await signIn(a, { email, password })).statusCode, 200)
    t.equal(await hashOf(id), foreign)
  })
  t.equal((await signIn(a, { email, password })).statusCode, 200)
  t.match(await hashOf(id), own)
})

t.test('the same person at another site keeps the hash that is there', async (t) => {
  const [here, there] = [await imported(a), await imported(b)]
  t.equal((await signIn(a, { email: here.email, password })).statusCode, 200)
  t.match(await hashOf(here.id), own)
  t.equal(await hashOf(there.id), foreign)
})

t.test('several sign-ins at once with one foreign hash all answer 200, and one of them renews it', async (t) => {
  const { id, email } = await imported()
  const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(a, { email, password })))
  t.same(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200],
  )
  t.match(await hashOf(id), own)
})
