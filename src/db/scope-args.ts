import { type Args, isArgs, isParent, mapRows, own, relatedModel, type Scope, tenantColumn, tenantField } from './data-model.ts'
import { checkFilter, checkSelection, completeKeys, scopeWhere } from './scope-where.ts'

/**
 * Wall 1: adds the tenant to the arguments of a Prisma operation, nested writes included. A guard against forgetting, not a wall by
 * itself: what it misses, row-level security and the composite keys refuse. Naming another tenant is a mistake in the program and throws.
 */
export function scopeArgs(scope: Scope, { model, operation, args }: { model: string; operation: string; args: Args }): Args {
  if (!tenantColumn(scope, model)) return args
  checkSelection(scope, model, args)
  const scoped: Args = { ...args }
  if (operation !== 'create' && !operation.startsWith('createMany')) scoped.where = scopeWhere(scope, model, args.where)
  if (isArgs(args.cursor)) {
    checkFilter(scope, model, args.cursor)
    scoped.cursor = completeKeys(scope, args.cursor)
  }
  if (operation === 'upsert') {
    scoped.create = scopeRow(scope, model, args.create)
    scoped.update = scopeData(scope, model, args.update)
  } else if (operation.startsWith('create')) scoped.data = mapRows(args.data, (row) => scopeRow(scope, model, row))
  else if (operation.startsWith('update')) scoped.data = scopeData(scope, model, args.data)
  return scoped
}

/** A new row: the tenant is set, unless a parent written as a relation brings it along in its composite key. */
function scopeRow(scope: Scope, model: string, row: unknown): unknown {
  const scoped = scopeData(scope, model, row)
  if (!isArgs(scoped) || tenantColumn(scope, model) !== tenantField) return scoped
  const viaParent = Object.entries(scoped).some(([key, value]) => isArgs(value) && isParent(scope, model, key))
  return viaParent ? scoped : { ...scoped, [tenantField]: own(scope, scoped[tenantField]) }
}

/** Nested writes: Prisma does not show them to extensions, so they are found through the data model. */
function scopeData(scope: Scope, model: string, data: unknown): unknown {
  if (!isArgs(data)) return data
  const column = tenantColumn(scope, model)
  if (column) own(scope, data[column])
  const scoped = Object.entries(data).map(([key, value]) => {
    const related = relatedModel(scope, model, key)
    return [key, related && isArgs(value) ? scopeRelation(scope, { model: related, parent: isParent(scope, model, key) }, value) : value]
  })
  return Object.fromEntries(scoped)
}

function scopeRelation(scope: Scope, { model, parent }: { model: string; parent: boolean }, writes: Args): Args {
  // A child takes its tenant from the row it is written under.
  const row = (value: unknown) => (parent ? scopeRow(scope, model, value) : scopeData(scope, model, value))
  const data = (value: unknown) => scopeData(scope, model, value)
  const where = (value: unknown) => (typeof value === 'boolean' ? value : scopeWhere(scope, model, value))
  const parts: Record<string, (value: unknown) => unknown> = { where, create: row, update: data, data: (value) => mapRows(value, data) }
  const eachPart = (value: unknown) =>
    isArgs(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, parts[key]?.(part) ?? part])) : value
  // A single related row may be updated without a where, its data standing alone; `data` may then be a column.
  const isWrapped = (value: unknown) => isArgs(value) && ('where' in value || ('data' in value && !scope.models.get(model)?.has('data')))
  const update = (value: unknown) => (isWrapped(value) ? eachPart(value) : data(value))
  const verbs: Record<string, (value: unknown) => unknown> = {
    create: row,
    createMany: eachPart,
    connect: where,
    set: where,
    disconnect: where,
    delete: where,
    deleteMany: where,
    update,
    updateMany: update,
    connectOrCreate: eachPart,
    upsert: eachPart,
  }
  return Object.fromEntries(Object.entries(writes).map(([verb, value]) => [verb, mapRows(value, verbs[verb] ?? ((same) => same))]))
}
