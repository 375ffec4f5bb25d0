import { inBothModes } from './pool-mode.ts'

inBothModes('look-ups by key find a row of the tenant alone', async (t, { database, db, a, b }) => {
  const mine = db.forTenant(a.id)
  const control = await database.owner.query('select name from members where id = $1', [b.id])
  t.equal(control.rows.length, 1, 'the other row exists')
  t.equal(await mine.member.findFirst({ where: { id: b.id } }), null)
  t.equal(await mine.member.findUnique({ where: { tenantId_id: { tenantId: a.id, id: b.id } } }), null)
  t.equal((await mine.member.findUnique({ where: { tenantId_id: { tenantId: a.id, id: a.id } } }))?.id, a.id)
  t.equal((await mine.member.findUnique({ where: { tenantId_emailKey: { tenantId: a.id, emailKey: 'ana@example.test' } } }))?.id, a.id)
  t.throws(() => db.forTenant('not-a-uuid'), TypeError)
  t.throws(() => db.forTenant(a.id.toUpperCase()), TypeError, 'an id has one form')
  await t.rejects(mine.member.findMany({ where: { tenantId: b.id } }), TypeError, 'naming another tenant is a mistake in the program')
  await t.rejects(mine.member.findUnique({ where: { tenantId_id: { tenantId: b.id, id: b.id } } }), TypeError)
})

inBothModes('counts and sums are of the tenant alone', async (t, { db, a }) => {
  const mine = db.forTenant(a.id)
  t.equal(await mine.member.count(), 1)
  t.equal((await mine.session.aggregate({ _count: true }))._count, 1)
  t.same(await mine.role.groupBy({ by: ['slug'], _count: true }), [{ slug: 'editor', _count: 1 }])
  t.same(await mine.tenant.findMany({ select: { id: true } }), [{ id: a.id }])
})

inBothModes('relation filters meet no other tenant', async (t, { db, a, b }) => {
  const mine = db.forTenant(a.id)
  t.equal(await mine.entry.count({ where: { collection: { id: b.id } } }), 0)
  t.equal(await mine.entry.count({ where: { collection: { id: a.id } } }), 1)
  t.equal(await mine.member.count({ where: { roles: { some: { role: { id: b.id } } } } }), 0)
  t.equal(await mine.member.count({ where: { roles: { none: { role: { id: a.id } } } } }), 0)
  t.equal(await mine.member.count({ where: { OR: [{ id: b.id }, { sessions: { some: { memberId: b.id } } }] } }), 0)
})

inBothModes('included parents and children are of the tenant alone', async (t, { db, a }) => {
  const mine = db.forTenant(a.id)
  const directory = await mine.tenant.findMany({
    include: { members: true, collections: { include: { entries: true } }, site: { include: { brand: true } } },
  })
  t.same(
    directory.flatMap(({ members, collections }) => [...members, ...collections.flatMap(({ entries }) => entries)].map(({ tenantId }) => tenantId)),
    [a.id, a.id],
  )
  const member = await mine.member.findFirstOrThrow({ include: { password: true, sessions: true, roles: { include: { role: true } } } })
  t.same(
    [member.password?.tenantId, member.sessions.map(({ tenantId }) => tenantId), member.roles.map(({ role }) => role.tenantId)],
    [a.id, [a.id], [a.id]],
  )
  t.equal((await mine.entry.findFirstOrThrow({ include: { collection: true } })).collection.tenantId, a.id)
  t.equal((await mine.entry.findFirstOrThrow().collection()).tenantId, a.id, 'the fluent form too')
})

inBothModes('the directory client meets rows of no tenant, not even through a relation', async (t, { db, a, b }) => {
  const tenants = await db.directory.tenant.findMany({ include: { members: true, site: true }, orderBy: { createdAt: 'asc' } })
  t.same(
    tenants.map(({ id, members, site }) => ({ id, members, site })),
    [a, b].map(({ id }) => ({ id, members: [], site: null })),
  )
  const seen = await db.forTenant(a.id).$transaction(async (tx) => [await tx.member.count(), await db.directory.member.count()])
  t.same(seen, [1, 0], 'not inside a transaction of a tenant either')
})

inBothModes('raw queries see the tenant alone', async (t, { database, db, a, b }) => {
  const mine = db.forTenant(a.id)
  const ids = [{ id: a.id }]
  t.same(await mine.$queryRaw`select id::text from members`, ids)
  t.same(await mine.$queryRaw`select id::text from members where tenant_id = ${b.id}::uuid`, [])
  t.same(await mine.$transaction([mine.$queryRaw`select id::text from members`]), [ids])
  t.same(await mine.$transaction((tx) => tx.$queryRaw`select id::text from members`), ids)
  t.equal(await mine.$executeRaw`update members set name = 'taken' where tenant_id = ${b.id}::uuid`, 0)
  t.equal((await database.owner.query(`select 1 from members where name = 'taken'`)).rows.length, 0)
  t.same(await db.directory.$queryRaw`select id::text from members`, [])
})

inBothModes('queries of many tenants in one tick each run as their own', async (t, { db, a, b }) => {
  const both = [a, b, a, b]
  const unique = both.map(({ id }) => db.forTenant(id).member.findUnique({ where: { tenantId_id: { tenantId: id, id } } }))
  t.same(
    (await Promise.all(unique)).map((member) => member?.id),
    both.map(({ id }) => id),
    'unique reads, which Prisma joins',
  )
  const batches = both.map(({ id }) => {
    const client = db.forTenant(id)
    return client.$transaction([client.$queryRaw<{ id: string }[]>`select id::text from members`, client.member.findMany({ select: { id: true } })])
  })
  t.same(
    await Promise.all(batches),
    both.map(({ id }) => [[{ id }], [{ id }]]),
    'batch transactions',
  )
  const mixed = [db.forTenant(a.id).member.findMany(), db.forTenant(b.id).member.findMany()]
  await t.rejects(db.forTenant(a.id).$transaction(mixed), TypeError, 'one batch cannot hold queries of two tenants')
})
