import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { rotateKey, tidyKeys } from '../../../src/auth/keys/rotate-key.ts'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { connect, createTestDatabase } from '../../database.ts'
import { eventually } from '../../eventually.ts'
import { startPgBouncer } from '../../pgbouncer.ts'

const box = createSecretBox([{ id: 'test', key: randomBytes(32) }])
const overlap = 900_000

/** Two sites with a key each. */
async function start(t: Test, keyAge = '1 day') {
  const data = await createTestDatabase(t)
  const database = data.open({ max: 6 })
  const [one, other] = [await data.addTenant(), await data.addTenant()]
  for (const { id } of [one, other]) await database.forTenant(id).signingKey.create({ data: newSigningKey(box, id) })
  await data.owner.query(`update signing_keys set created_at = now() - $1::interval, activates_at = now() - $1::interval`, [keyAge])
  const rows = async (tenantId = one.id) =>
    (await data.owner.query('select * from signing_keys where tenant_id = $1 order by activates_at', [tenantId])).rows
  return { data, database, tenantId: one.id, otherId: other.id, db: database.forTenant(one.id), rows }
}

test('a rotation publishes a key that signs after the overlap, when the old one rests', async (t) => {
  const { db, tenantId, otherId, rows } = await start(t)
  const [old] = await rows()
  const { key, made } = await rotateKey(db, box, { tenantId, when: 'ahead' })
  t.ok(made)
  const [before, after] = await rows()
  t.equal(before.id, old.id)
  t.equal(after.id, key.id)
  t.equal(after.activates_at - after.created_at, overlap)
  t.same(before.retired_at, after.activates_at, 'there is always one that signs')
  t.equal(after.retired_at, null)
  t.equal((await rows(otherId)).length, 1, 'the other site is left alone')
})

test('while a key is pending it is answered, and nothing is made', async (t) => {
  const { db, tenantId, rows } = await start(t)
  const first = await rotateKey(db, box, { tenantId, when: 'ahead' })
  for (const when of ['ahead', 'due'] as const) {
    const again = await rotateKey(db, box, { tenantId, when })
    t.equal(again.made, false)
    t.equal(again.key.id, first.key.id)
  }
  t.equal((await rows()).length, 2)
})

test('the schedule exchanges a key of 90 days and leaves one of 89', async (t) => {
  const young = await start(t, '89 days 23 hours')
  t.equal((await rotateKey(young.db, box, { tenantId: young.tenantId, when: 'due' })).made, false)
  t.equal((await young.rows()).length, 1)
  const old = await start(t, '90 days 1 minute')
  t.equal((await rotateKey(old.db, box, { tenantId: old.tenantId, when: 'due' })).made, true)
  t.equal((await old.rows()).length, 2)
})

for (const mode of ['session', 'transaction'] as const) {
  for (const when of ['due', 'ahead', 'now'] as const) {
    test(`50 rotations at once, from two copies, make one key (${when}, ${mode} mode)`, async (t) => {
      const { data, tenantId, rows } = await start(t, '91 days')
      const url = mode === 'session' ? data.url : await startPgBouncer(t, data.url)
      if (!url) return
      const [one, two] = [data.open({ url, mode, max: 25 }).forTenant(tenantId), data.open({ url, mode, max: 25 }).forTenant(tenantId)]
      const [old] = await rows()
      const wishes = Array.from({ length: 50 }, (_, at) => rotateKey(at % 2 ? one : two, box, { tenantId, when }))
      const results = await Promise.all(wishes)
      // An emergency that is declared after another was dealt with is one of its own.
      const made = results.filter((result) => result.made).length
      if (when === 'now') t.ok(made >= 1 && made < 50, `${made} made`)
      else t.equal(made, 1)
      const left = await rows()
      t.equal(left.length, when === 'now' ? 1 : 2)
      t.equal(left.filter(({ retired_at }) => retired_at === null).length, 1)
      t.equal(
        left.some(({ id }) => id === old.id),
        when !== 'now',
      )
    })
  }
}

test('of two emergencies at once the second is content with what the first did', async (t) => {
  const { data, db, database, tenantId, rows } = await start(t)
  const holder = await connect(t, data.url)
  await holder.query('select pg_advisory_lock(hashtextextended($1, 7236411))', [`signing keys ${tenantId}`])
  const wishes = [db, database.forTenant(tenantId)].map((copy) => rotateKey(copy, box, { tenantId, when: 'now' }))
  await eventually(t, 'both wait', async () => {
    const { rowCount } = await data.owner.query(`select from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`)
    return rowCount === 2
  })
  await holder.query('select pg_advisory_unlock_all()')
  const results = await Promise.all(wishes)
  t.same(results.map(({ made }) => made).sort(), [false, true])
  t.equal(results[0]?.key.id, results[1]?.key.id)
  t.equal((await rows()).length, 1)
})

test('an emergency voids every other key, the pending and the retired one too', async (t) => {
  const { data, db, tenantId, otherId, rows } = await start(t)
  await rotateKey(db, box, { tenantId, when: 'ahead' })
  await data.owner.query(
    `update signing_keys set activates_at = activates_at - interval '1 hour', retired_at = retired_at - interval '1 hour'
    where tenant_id = $1`,
    [tenantId],
  )
  await rotateKey(db, box, { tenantId, when: 'ahead' })
  t.equal((await rows()).length, 3, 'retired, current and pending')
  const { key, made } = await rotateKey(db, box, { tenantId, when: 'now' })
  t.ok(made)
  const left = await rows()
  t.same(
    left.map(({ id }) => id),
    [key.id],
  )
  t.ok(left[0].activates_at <= new Date())
  t.equal((await rows(otherId)).length, 1)
})

test('a site without a key gets one that signs at once', async (t) => {
  const { data, db, tenantId, rows } = await start(t)
  await data.owner.query('delete from signing_keys where tenant_id = $1', [tenantId])
  t.ok((await rotateKey(db, box, { tenantId, when: 'due' })).made)
  const [only] = await rows()
  t.same(only.activates_at, only.created_at)
})

test('a key that no SECRET_KEYS open is not exchanged, SIGNING_KEY_UNREADABLE, but in an emergency by who says so', async (t) => {
  const { db, tenantId, rows } = await start(t, '91 days')
  const strange = createSecretBox([{ id: 'strange', key: randomBytes(32) }])
  const before = await rows()
  for (const when of ['ahead', 'due', 'now'] as const) await t.rejects(rotateKey(db, strange, { tenantId, when }), { code: 'SIGNING_KEY_UNREADABLE' })
  t.same(await rows(), before, 'nothing was changed')
  t.ok((await rotateKey(db, strange, { tenantId, when: 'now', replaceUnreadable: true })).made)
})

test('a rotation that fails half-way leaves what there was', async (t) => {
  const { data, db, tenantId, rows } = await start(t)
  const before = await rows()
  await data.owner.query(`alter table signing_keys add constraint full_up check (created_at < now() - interval '1 hour') not valid`)
  for (const when of ['ahead', 'now'] as const) await t.rejects(rotateKey(db, box, { tenantId, when }))
  t.same(await rows(), before)
  await data.owner.query('alter table signing_keys drop constraint full_up')
  t.ok((await rotateKey(db, box, { tenantId, when: 'ahead' })).made, 'control')
})

test('tidying wipes the private half of what signs no more, and removes what is published no more', async (t) => {
  const { data, db, tenantId, rows } = await start(t)
  await rotateKey(db, box, { tenantId, when: 'ahead' })
  const [old] = await rows()
  const retire = async (ago: string) => {
    await data.owner.query('update signing_keys set retired_at = now() - $2::interval where id = $1', [old.id, ago])
    await tidyKeys(db)
    return (await rows()).find(({ id }) => id === old.id)
  }
  await tidyKeys(db)
  t.ok((await rows())[0].sealed_private, 'not before it rests')
  t.ok((await retire('50 seconds')).sealed_private, 'nor for copies that are a little behind')
  t.equal((await retire('61 seconds')).sealed_private, '')
  t.ok(await retire('87020 seconds'), 'its public half stays')
  t.equal(await retire('87031 seconds'), undefined)
  const [left] = await rows()
  t.ok(left.sealed_private, 'the newest is never touched')
  t.same(await data.owner.query(`select from signing_keys where tenant_id = $1`, [tenantId]).then(({ rowCount }) => rowCount), 1)
})
