import t from 'tap'
import { createMember } from '../../../src/auth/account/create-member.ts'
import { createTestApp } from '../../app.ts'
import { authCalls } from '../auth-calls.ts'

const { app, data, a } = await createTestApp(t)
const { signIn } = authCalls(app)
const db = data.open({ max: 2 }).forTenant(a.id)
const member = (email: string) => ({ tenantId: a.id, email, name: 'Ana', role: 'member' })
const count = async () => (await data.owner.query('select count(*)::int as n from members')).rows[0].n

t.test('a member is made with a password or with a hash that another system made', async (t) => {
  await createMember(db, app.hasher, { ...member('one@people.example'), password: 'a password of mine' })
  t.equal((await signIn(a, { email: 'one@people.example', password: 'a password of mine' })).statusCode, 200)
  // passlib 1.7.4, scrypt.using(rounds=12)
  const hash = '$scrypt$ln=12,r=8,p=1$37tXKuWcs/Z+LwXA2DsnBA$kbImfAWgNcUh8IE5L+Gj51PeiAHRFJEvswIX8yj7ekM'
  await createMember(db, app.hasher, { ...member('two@people.example'), hash })
  t.equal((await signIn(a, { email: 'two@people.example', password: 'Água de São Tomé 7' })).statusCode, 200)
})

t.test('a hash that no format reads, or with absurd costs, is refused: TypeError, and nobody is made', async (t) => {
  const before = await count()
  for (const hash of [
    '',
    'a password in clear',
    '!unusable',
    '$1$salt$hash',
    '$scrypt$ln=30,r=8,p=1$37tXKuWcs/Z+LwXA2DsnBA$kbImfAWgNcUh8IE5L+Gj51PeiAHRFJEvswIX8yj7ekM',
  ]) {
    await t.rejects(createMember(db, app.hasher, { ...member('three@people.example'), hash }), TypeError, hash)
  }
  t.equal(await count(), before)
})
