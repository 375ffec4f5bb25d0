import t from 'tap'
import { identityChore } from '../../../src/auth/sessions/tidy-identity.ts'
import { createTestApp } from '../../app.ts'
import { addRows } from '../../db/tenant-rows.ts'

const { data, a, b } = await createTestApp(t)

t.test('what is over for long goes, what is not stays, and another site’s is left alone', async (t) => {
  const database = data.open({ max: 2 })
  const { id: other } = await data.addTenant()
  const { id: own } = await data.addTenant()
  for (const tenant of [own, other]) {
    await addRows(data.owner, tenant)
    for (const [table, column] of [
      ['sessions', 'expires_at'],
      ['email_changes', 'expires_at'],
      ['operator_entries', 'expires_at'],
      ['pending_sign_ins', 'expires_at'],
      ['passkey_challenges', 'expires_at'],
      ['email_challenges', 'expires_at'],
      ['known_devices', 'last_seen_at'],
    ]) {
      await data.owner.query(`update ${table} set ${column} = now() - interval '2 years' where tenant_id = $1`, [tenant])
    }
    await data.owner.query(`update email_challenges set payload = '{"name":"Ana"}' where tenant_id = $1`, [tenant])
  }
  const left = async (tenant: string) => {
    const tables = ['sessions', 'email_changes', 'operator_entries', 'pending_sign_ins', 'passkey_challenges', 'known_devices']
    const counts: string[] = []
    for (const table of tables) counts.push(`${table} ${(await data.owner.query(`select from ${table} where tenant_id = $1`, [tenant])).rowCount}`)
    const { rows } = await data.owner.query('select payload from email_challenges where tenant_id = $1', [tenant])
    return [...counts, `payload ${rows[0]?.payload === null ? 0 : 1}`].filter((line) => line.endsWith(' 1')).length
  }
  t.equal(await left(own), 7, 'control: all of it is there')
  await identityChore.run(database.forTenant(own))
  t.equal(await left(own), 0)
  t.equal(await left(other), 7)
  const live = async () => (await data.owner.query('select from sessions where tenant_id = any ($1)', [[a.id, b.id]])).rowCount
  const before = await live()
  await identityChore.run(database.forTenant(a.id))
  t.equal(await live(), before)
})
