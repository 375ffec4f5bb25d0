import t from 'tap'
import { openChallenge, spendChallenge } from '../../src/auth/account/challenge.ts'
import { newId } from '../../src/security/random-token.ts'
import { createTestApp } from '../app.ts'

const { data, a, b } = await createTestApp(t)
const [dbA, dbB] = [a, b].map(({ id }) => data.open({ max: 20 }).forTenant(id))
if (!dbA || !dbB) throw new Error('no database')
const emailKey = 'ana@people.example'
const about = { tenantId: a.id, purpose: 'sign-up', emailKey, payload: { hash: 'secret' }, life: 60 } as const
const rowOf = async (id: string) => (await data.owner.query('select * from email_challenges where id = $1', [id])).rows[0]

t.test('a challenge is kept without link and code, which the worker makes', async (t) => {
  const { challenge, expiresAt } = await openChallenge(dbA, about)
  const left = Date.parse(expiresAt) - Date.now()
  t.ok(left > 50_000 && left <= 60_000)
  t.match(await rowOf(challenge), { tenant_id: a.id, token_hash: null, code_hash: null, code_expires_at: null, attempts: 0, spent_at: null })
})

t.test('it is spent once: what it was about is answered, and kept no longer', async (t) => {
  const { challenge } = await openChallenge(dbA, about)
  t.same(await spendChallenge(dbA, 'sign-up', challenge), { emailKey, memberId: null, payload: { hash: 'secret' } })
  t.equal(await spendChallenge(dbA, 'sign-up', challenge), undefined)
  t.match(await rowOf(challenge), { spent_at: Date, payload: null })
})

t.test('of fifty callers at once one gets it', async (t) => {
  const { challenge } = await openChallenge(dbA, about)
  const answers = await Promise.all(Array.from({ length: 50 }, () => spendChallenge(dbA, 'sign-up', challenge)))
  t.equal(answers.filter(Boolean).length, 1)
})

t.test('of two transactions the second waits for the first, and gets it where that was rolled back', async (t) => {
  const { challenge } = await openChallenge(dbA, about)
  const spent: Promise<unknown>[] = []
  const first = dbA.$transaction(async (tx) => {
    t.ok(await spendChallenge(tx, 'sign-up', challenge))
    spent.push(spendChallenge(dbA, 'sign-up', challenge))
    throw new Error('rolled back')
  })
  await t.rejects(first, { message: 'rolled back' })
  t.match(await spent[0], { payload: { hash: 'secret' } })
})

t.test('it is not spent for another purpose, by another site, after its time, or where it is about nothing', async (t) => {
  const { challenge } = await openChallenge(dbA, about)
  t.equal(await spendChallenge(dbA, 'reset-password', challenge), undefined)
  t.equal(await spendChallenge(dbB, 'sign-up', challenge), undefined)
  await data.owner.query(`update email_challenges set expires_at = now() - interval '1 ms' where id = $1`, [challenge])
  t.equal(await spendChallenge(dbA, 'sign-up', challenge), undefined)
  await data.owner.query(`update email_challenges set expires_at = now() + interval '1 minute' where id = $1`, [challenge])
  t.ok(await spendChallenge(dbA, 'sign-up', challenge), 'control')

  const { payload: _, ...nothing } = about
  const decoy = await openChallenge(dbA, nothing)
  t.equal(await spendChallenge(dbA, 'sign-up', decoy.challenge), undefined)
  const member = await openChallenge(dbA, { ...nothing, purpose: 'reset-password', memberId: a.owner.id })
  t.match(await spendChallenge(dbA, 'reset-password', member.challenge), { memberId: a.owner.id }, 'a member is something')
  t.equal(await spendChallenge(dbA, 'sign-up', newId()), undefined)
})
