import { newId } from '../../src/security/random-token.ts'
import { inBothModes } from './pool-mode.ts'

inBothModes('nested creates land in the tenant', async (t, { database, db, a }) => {
  const mine = db.forTenant(a.id)
  const id = newId()
  await mine.member.create({
    data: {
      tenantId: a.id,
      id,
      email: 'rui@example.test',
      emailKey: 'rui@example.test',
      name: 'Rui',
      password: { create: { hash: 'x' } },
      roles: { create: [{ roleId: a.id }] },
      sessions: { createMany: { data: [{ id, epoch: 0, refreshHash: new Uint8Array(32), idleExpiresAt: new Date(), expiresAt: new Date() }] } },
    },
  })
  for (const table of ['members', 'passwords', 'member_roles', 'sessions']) {
    const { rows } = await database.owner.query(`select tenant_id from ${table} where ${table === 'members' ? 'id' : 'member_id'} = $1`, [id])
    t.same(rows, [{ tenant_id: a.id }], table)
  }
})

inBothModes('a parent can be created, connected, or found with its child', async (t, { db, a }) => {
  const mine = db.forTenant(a.id)
  const collection = { id: newId(), slug: 'events', name: 'Events', schema: {} }
  const key = { tenantId_slug: { tenantId: a.id, slug: 'events' } }
  const entry = (slug: string) => ({ id: newId(), slug, data: { tenantId: 'json', create: {} } })
  const made = await mine.entry.create({ data: { ...entry('one'), collection: { create: { ...collection, tenant: { connect: { id: a.id } } } } } })
  const linked = await mine.entry.create({ data: { ...entry('two'), collection: { connect: key } } })
  const found = await mine.entry.create({
    data: { ...entry('three'), collection: { connectOrCreate: { where: key, create: { ...collection, tenant: { connect: { id: a.id } } } } } },
  })
  t.same(
    [made, linked, found].map((row) => [row.tenantId, row.collectionId]),
    Array(3).fill([a.id, collection.id]),
  )
  t.same(made.data, { tenantId: 'json', create: {} }, 'a JSON column is stored as given')
})

inBothModes('nested writes cannot reach a row of another tenant', async (t, { database, db, a, b }) => {
  const mine = db.forTenant(a.id)
  const where = { tenantId_id: { tenantId: a.id, id: a.id } }
  const theirs = { tenantId_id: { tenantId: a.id, id: b.id } }
  const snapshot = async () => (await database.owner.query('select * from entries where tenant_id = $1', [b.id])).rows
  const before = await snapshot()
  t.equal(before.length, 1, 'the row exists')
  const write = (entries: object) => mine.collection.update({ where, data: { entries } })

  await t.rejects(write({ connect: theirs }), { code: 'P2018' })
  await t.rejects(write({ update: { where: theirs, data: { slug: 'taken' } } }), { code: 'P2025' })
  await t.rejects(write({ delete: theirs }), { code: 'P2017' })
  await t.resolves(write({ updateMany: { where: { id: b.id }, data: { slug: 'taken' } } }))
  await t.resolves(write({ deleteMany: { id: b.id } }))
  await t.resolves(write({ upsert: { where: theirs, create: { id: b.id, slug: 'own', data: {} }, update: { slug: 'taken' } } }))
  await t.resolves(
    write({ connectOrCreate: { where: { tenantId_id: { tenantId: a.id, id: newId() } }, create: { id: newId(), slug: 'made', data: {} } } }),
  )
  t.same(await snapshot(), before, 'the row is as it was')
  t.equal((await mine.entry.findUniqueOrThrow({ where: theirs })).slug, 'own', 'the upsert made a row of its own with the same id')
  await t.rejects(write({ connect: { tenantId_id: { tenantId: b.id, id: b.id } } }), TypeError)
})

inBothModes('top-level writes cannot reach a row of another tenant', async (t, { database, db, a, b }) => {
  const mine = db.forTenant(a.id)
  const theirs = { tenantId_id: { tenantId: a.id, id: b.id } }
  const snapshot = async () => (await database.owner.query('select * from roles where tenant_id = $1', [b.id])).rows
  const before = await snapshot()
  await t.rejects(mine.role.update({ where: theirs, data: { name: 'taken' } }), { code: 'P2025' })
  await t.rejects(mine.role.delete({ where: theirs }), { code: 'P2025' })
  t.same(await mine.role.updateMany({ where: { id: b.id }, data: { name: 'taken' } }), { count: 0 })
  t.same(await mine.role.deleteMany({ where: { id: b.id } }), { count: 0 })
  t.same(await mine.role.updateManyAndReturn({ data: { name: 'Mine' } }).then((rows) => rows.map(({ id }) => id)), [a.id])
  const upserted = await mine.role.upsert({
    where: theirs,
    create: { id: b.id, slug: 'other', name: 'Other', tenant: { connect: { id: a.id } } },
    update: { name: 'taken' },
  })
  t.equal(upserted.tenantId, a.id, 'an upsert over a hidden row makes one of its own')
  t.same(await mine.role.createManyAndReturn({ data: [{ tenantId: a.id, id: newId(), slug: 'third', name: 'Third' }], select: { tenantId: true } }), [
    { tenantId: a.id },
  ])
  await t.rejects(mine.role.create({ data: { tenantId: b.id, id: newId(), slug: 'x', name: 'x' } }), TypeError)
  await t.rejects(mine.$executeRaw`insert into roles (tenant_id, id, slug, name) values (${b.id}::uuid, ${newId()}::uuid, 'x', 'x')`, /42501/)
  await t.rejects(
    mine.$executeRaw`insert into roles (tenant_id, id, slug, name) values (${b.id}::uuid, ${b.id}::uuid, 'x', 'x') on conflict (tenant_id, id) do update set name = 'taken'`,
    /42501/,
    'a raw upsert on a hidden row',
  )
  t.same(await snapshot(), before, 'the row is as it was')
})

inBothModes('a transaction that fails leaves nothing behind', async (t, { database, db, a }) => {
  const mine = db.forTenant(a.id)
  const role = (slug: string) => ({ tenantId: a.id, id: newId(), slug, name: slug })
  await t.rejects(
    mine.$transaction(async (tx) => {
      await tx.role.create({ data: role('gone') })
      throw new Error('changed my mind')
    }),
    /changed my mind/,
  )
  await t.rejects(mine.$transaction([mine.role.create({ data: role('gone') }), mine.role.create({ data: role('editor') })]), { code: 'P2002' })
  await mine.$transaction([mine.role.create({ data: role('kept') })], { isolationLevel: 'Serializable' })
  await mine.$transaction((tx) => tx.role.create({ data: role('also-kept') }), { isolationLevel: 'RepeatableRead' })
  const { rows } = await database.owner.query('select slug from roles where tenant_id = $1 order by slug', [a.id])
  t.same(
    rows.map(({ slug }) => slug),
    ['also-kept', 'editor', 'kept'],
  )
})
