/**
 * Wall 1: adds the tenant to the arguments of a Prisma operation, nested writes included. A guard against forgetting, not a wall by
 * itself: what it misses, row-level security and the composite keys refuse. Naming another tenant is a mistake in the program and throws.
 */
export type Args = Record<string, unknown>

interface Field {
  kind: string
  type: string
}

/** Models by name, each with its fields by name: the part of Prisma's data model that is needed here. */
export type DataModel = ReadonlyMap<string, ReadonlyMap<string, Field>>

export interface Scope {
  models: DataModel
  tenantId: string
}

const tenantField = 'tenantId'

/** Reads the data model off a generated client; throws where this release of Prisma keeps it elsewhere. */
export function readDataModel(client: object): DataModel {
  const found: unknown = Reflect.get(client, '_runtimeDataModel')
  if (!isArgs(found) || !isArgs(found.models)) throw new TypeError('the Prisma client shows no data model: tenant scoping cannot work')
  const models = Object.entries(found.models).map(([name, model]) => [name, fieldsOf(model)] as const)
  return new Map(models)
}

function fieldsOf(model: unknown): ReadonlyMap<string, Field> {
  const fields = isArgs(model) && Array.isArray(model.fields) ? model.fields : []
  return new Map(fields.map((field: Field & { name: string }) => [field.name, { kind: field.kind, type: field.type }]))
}

/** The column that holds the tenant of a model: of the directory's own table it is the id. */
function tenantColumn(scope: Scope, model: string): string | undefined {
  if (model === 'Tenant') return 'id'
  return scope.models.get(model)?.has(tenantField) ? tenantField : undefined
}

export function scopeArgs(scope: Scope, { model, operation, args }: { model: string; operation: string; args: Args }): Args {
  if (!tenantColumn(scope, model)) return args
  const scoped: Args = { ...args }
  if (operation !== 'create' && !operation.startsWith('createMany')) scoped.where = scopeWhere(scope, model, args.where)
  if (operation === 'upsert') {
    scoped.create = scopeData(scope, model, args.create)
    scoped.update = scopeNested(scope, model, args.update)
  } else if (operation.startsWith('create')) scoped.data = mapRows(args.data, (row) => scopeData(scope, model, row))
  else if (operation.startsWith('update')) scoped.data = scopeNested(scope, model, args.data)
  return scoped
}

/** A filter narrowed to the tenant; compound keys that carry the tenant are checked. */
function scopeWhere(scope: Scope, model: string, where: unknown): Args {
  const given = isArgs(where) ? where : {}
  const column = tenantColumn(scope, model)
  if (!column) return given
  const scoped: Args = { ...given, [column]: own(scope, given[column]) }
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith(`${tenantField}_`) && isArgs(value)) scoped[key] = { ...value, [tenantField]: own(scope, value[tenantField]) }
  }
  return scoped
}

/** A new row: the tenant is set, as a column or, where parents are connected as relations, as a relation. */
function scopeData(scope: Scope, model: string, data: unknown): unknown {
  if (!isArgs(data)) return data
  const nested = scopeNested(scope, model, data)
  if (!isArgs(nested) || !tenantColumn(scope, model) || model === 'Tenant') return nested
  if (connectsParent(scope, model, nested)) return nested
  return { ...nested, [tenantField]: own(scope, nested[tenantField]) }
}

/** A relation to one row (`member: { connect }`) brings the tenant along in its composite key. */
function connectsParent(scope: Scope, model: string, data: Args): boolean {
  return Object.entries(data).some(([key, value]) => scope.models.get(model)?.get(key)?.kind === 'object' && isArgs(value) && isArgs(value.connect))
}

/** Nested writes: Prisma does not show them to extensions, so they are found through the data model. JSON columns are never looked into. */
function scopeNested(scope: Scope, model: string, data: unknown): unknown {
  if (!isArgs(data)) return data
  if (tenantField in data) own(scope, data[tenantField])
  const scoped: Args = { ...data }
  for (const [key, value] of Object.entries(data)) {
    const field = scope.models.get(model)?.get(key)
    if (field?.kind === 'object' && isArgs(value)) scoped[key] = scopeRelation(scope, field.type, value)
  }
  return scoped
}

function scopeRelation(scope: Scope, model: string, writes: Args): Args {
  const where = (value: unknown) => (value === true || value === false ? value : scopeWhere(scope, model, value))
  const conditional = (value: unknown) => {
    if (!isArgs(value)) return value
    // A single related row may be updated without a where, its data standing alone.
    if (!('data' in value)) return scopeNested(scope, model, value)
    return { ...value, ...('where' in value ? { where: where(value.where) } : {}), data: scopeNested(scope, model, value.data) }
  }
  const rules: Record<string, (value: unknown) => unknown> = {
    create: (value) => scopeNested(scope, model, value),
    createMany: (value) => (isArgs(value) ? { ...value, data: mapRows(value.data, (row) => scopeNested(scope, model, row)) } : value),
    connect: where,
    set: where,
    disconnect: where,
    delete: where,
    deleteMany: where,
    update: conditional,
    updateMany: conditional,
    connectOrCreate: (value) => (isArgs(value) ? { where: where(value.where), create: scopeNested(scope, model, value.create) } : value),
    upsert: (value) =>
      isArgs(value)
        ? {
            ...value,
            ...('where' in value ? { where: where(value.where) } : {}),
            create: scopeNested(scope, model, value.create),
            update: scopeNested(scope, model, value.update),
          }
        : value,
  }
  return Object.fromEntries(Object.entries(writes).map(([verb, value]) => [verb, mapRows(value, rules[verb] ?? ((same) => same))]))
}

function own({ tenantId }: Scope, given: unknown): string {
  if (given === undefined || given === tenantId || (isArgs(given) && given.equals === tenantId)) return tenantId
  throw new TypeError('the operation names another tenant than the one it runs for')
}

function mapRows(value: unknown, each: (row: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(each) : each(value)
}

function isArgs(value: unknown): value is Args {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !ArrayBuffer.isView(value)
}
