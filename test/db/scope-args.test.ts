import { PrismaPg } from '@prisma/adapter-pg'
import fc from 'fast-check'
import { test } from 'tap'
import { type Args, type DataModel, isArgs, readDataModel } from '../../src/db/data-model.ts'
import { PrismaClient } from '../../src/db/generated/client.ts'
import { scopeArgs } from '../../src/db/scope-args.ts'
import { RandomArgs } from './random-args.ts'

const models = readDataModel(new PrismaClient({ adapter: new PrismaPg({}) }))
const tenantId = '01890000-0000-7000-8000-00000000000a'
const other = '01890000-0000-7000-8000-00000000000b'
const scope = { models, tenantId }
const scoped = (model: string, operation: string, args: Args) => scopeArgs(scope, { model, operation, args })

test('filters, data and keys get the tenant', (t) => {
  t.same(scoped('Member', 'findMany', {}), { where: { tenantId } })
  t.same(scoped('Member', 'count', { where: { name: 'x' } }), { where: { name: 'x', tenantId } })
  t.same(scoped('Member', 'findUnique', { where: { tenantId_id: { id: '1' } } }), { where: { tenantId_id: { id: '1', tenantId }, tenantId } })
  t.same(scoped('Member', 'findMany', { cursor: { tenantId_id: { id: '1' } } }).cursor, { tenantId_id: { id: '1', tenantId } })
  t.same(scoped('Role', 'createMany', { data: [{ slug: 'a' }, { slug: 'b' }] }), {
    data: [
      { slug: 'a', tenantId },
      { slug: 'b', tenantId },
    ],
  })
  t.same(scoped('Role', 'upsert', { where: { tenantId_slug: { slug: 'a' } }, create: { slug: 'a' }, update: { name: 'A' } }), {
    where: { tenantId_slug: { slug: 'a', tenantId }, tenantId },
    create: { slug: 'a', tenantId },
    update: { name: 'A' },
  })
  t.same(scoped('Tenant', 'findFirst', {}), { where: { id: tenantId } }, 'of the directory a tenant finds itself')
  t.end()
})

test('a parent written as a relation brings the tenant along', (t) => {
  t.same(scoped('Entry', 'create', { data: { slug: 'a', collection: { connect: { tenantId_id: { id: '1' } } } } }).data, {
    slug: 'a',
    collection: { connect: { tenantId_id: { id: '1', tenantId }, tenantId } },
  })
  t.same(scoped('Entry', 'create', { data: { collection: { create: { slug: 'news' } } } }).data, {
    collection: { create: { slug: 'news', tenantId } },
  })
  t.same(scoped('Member', 'create', { data: { password: { create: { hash: 'x' } } } }).data, { password: { create: { hash: 'x' } }, tenantId })
  t.end()
})

test('nested writes are narrowed', (t) => {
  const data = {
    entries: {
      update: [{ where: { tenantId_id: { id: '1' } }, data: { slug: 'x' } }],
      deleteMany: [{ slug: 'y' }],
      upsert: { where: { tenantId_id: { id: '1' } }, create: { slug: 'z' }, update: { slug: 'z' } },
    },
  }
  t.same(scoped('Collection', 'update', { where: {}, data }).data, {
    entries: {
      update: [{ where: { tenantId_id: { id: '1', tenantId }, tenantId }, data: { slug: 'x' } }],
      deleteMany: [{ slug: 'y', tenantId }],
      upsert: { where: { tenantId_id: { id: '1', tenantId }, tenantId }, create: { slug: 'z' }, update: { slug: 'z' } },
    },
  })
  t.end()
})

test('what JSON columns hold is left alone', (t) => {
  const json = {
    tenantId: other,
    create: { tenantId: other },
    where: { tenantId: other },
    connect: [{ tenantId: other }],
    collection: { connect: {} },
  }
  const created = scoped('Entry', 'create', { data: { slug: 'a', data: json } }).data
  t.same(created, { slug: 'a', data: json, tenantId })
  const nested = { entries: { create: [{ slug: 'a', data: json }], update: [{ where: { slug: 'a' }, data: { data: json } }] } }
  t.same(scoped('Collection', 'update', { where: {}, data: nested }).data, {
    entries: { create: [{ slug: 'a', data: json }], update: [{ where: { slug: 'a', tenantId }, data: { data: json } }] },
  })
  t.doesNotThrow(() => scoped('Entry', 'findMany', { where: { data: { path: ['tenantId'], equals: { tenantId: other } } } }))
  t.end()
})

test('another tenant is refused wherever it is named', (t) => {
  const key = { tenantId_id: { id: '1', tenantId: other } }
  const cases: [string, string, Args][] = [
    ['Member', 'findMany', { where: { tenantId: other } }],
    ['Member', 'findMany', { where: { OR: [{ name: 'x' }, { tenantId: { in: [tenantId, other] } }] } }],
    ['Member', 'findMany', { where: { NOT: { tenantId: other } } }],
    ['Member', 'findMany', { where: { tenantId: { equals: tenantId, not: other } } }],
    ['Member', 'findMany', { where: { roles: { some: { role: { is: { tenantId: other } } } } } }],
    ['Member', 'findMany', { where: { tenant: { id: other } } }],
    ['Member', 'findMany', { cursor: key }],
    ['Member', 'findMany', { include: { roles: { where: { tenantId: other } } } }],
    ['Member', 'findMany', { select: { _count: { select: { roles: { where: { tenantId: other } } } } } }],
    ['Member', 'findUnique', { where: key }],
    ['Member', 'update', { where: {}, data: { tenantId: other } }],
    ['Member', 'create', { data: { tenant: { connect: { id: other } } } }],
    ['Member', 'create', { data: { sessions: { create: { tenantId: other } } } }],
    ['Member', 'update', { where: {}, data: { sessions: { connect: key } } }],
    ['Member', 'update', { where: {}, data: { password: { upsert: { create: { tenantId: other }, update: {} } } } }],
    ['MemberRole', 'create', { data: { role: { connectOrCreate: { where: {}, create: { tenantId: other } } } } }],
  ]
  for (const [model, operation, args] of cases) {
    t.throws(() => scoped(model, operation, args), TypeError, `${model}.${operation} ${JSON.stringify(args).replaceAll(other, 'other')}`)
  }
  t.end()
})

test('whatever the shape, no other tenant comes out', (t) => {
  const operations = ['findMany', 'findUnique', 'create', 'createMany', 'update', 'updateMany', 'upsert', 'delete']
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const model = g(fc.constantFrom, ...models.keys())
      const operation = g(fc.constantFrom, ...operations)
      const made = new RandomArgs(g, { models, own: tenantId, other })
      const args = made.of(model, operation)
      try {
        const result = scopeArgs(scope, { model, operation, args })
        return !made.namesOther && !namesOther(models, model, result)
      } catch (error) {
        return error instanceof TypeError && made.namesOther
      }
    }),
    { numRuns: 3_000 },
  )
  t.end()
})

/** Written apart from what it checks: any text of the other tenant outside JSON columns. */
function namesOther(of: DataModel, model: string, value: unknown): boolean {
  if (value === other) return true
  if (Array.isArray(value)) return value.some((part) => namesOther(of, model, part))
  if (!isArgs(value)) return false
  return Object.entries(value).some(([key, part]) => {
    const field = of.get(model)?.get(key)
    // `data` is a column of entries and a word of Prisma's; only the generator writes JSON, and always with these three keys.
    if (isArgs(part) && Object.keys(part).join() === 'tenantId,create,data') return false
    return namesOther(of, field?.kind === 'object' ? field.type : model, part)
  })
}
