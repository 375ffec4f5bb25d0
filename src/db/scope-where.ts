import { type Args, isArgs, mapRows, own, relatedModel, type Scope, tenantColumn, tenantField } from './data-model.ts'

const quantifiers = ['is', 'isNot', 'some', 'every', 'none']

/** A filter narrowed to the tenant; compound keys that carry the tenant are completed. */
export function scopeWhere(scope: Scope, model: string, where: unknown): Args {
  const given = isArgs(where) ? where : {}
  checkFilter(scope, model, given)
  const column = tenantColumn(scope, model)
  return column ? { ...completeKeys(scope, given), [column]: own(scope, given[column]) } : given
}

/** `include`, `select` and what they nest: rows of other tenants are kept out by the database, but naming one is a mistake here too. */
export function checkSelection(scope: Scope, model: string, { include, select }: Args): void {
  for (const selection of [include, select]) {
    if (!isArgs(selection)) continue
    for (const [key, value] of Object.entries(selection)) {
      if (!isArgs(value)) continue
      // `_count: { select: { entries: { where } } }` counts relations of the same model.
      const related = key === '_count' ? model : relatedModel(scope, model, key)
      if (!related) continue
      checkFilter(scope, related, value.where)
      checkFilter(scope, related, value.cursor)
      checkSelection(scope, related, value)
    }
  }
}

/** Unique keys that begin with the tenant: `tenantId_id: { id }` is enough. */
export function completeKeys(scope: Scope, keys: Args): Args {
  const completed = Object.entries(keys).map(([key, value]) => {
    const compound = key.startsWith(`${tenantField}_`) && isArgs(value)
    return [key, compound ? { ...value, [tenantField]: own(scope, value[tenantField]) } : value]
  })
  return Object.fromEntries(completed)
}

/** Throws when any part of the filter names another tenant. */
export function checkFilter(scope: Scope, model: string, filter: unknown): void {
  if (!isArgs(filter)) return
  for (const [key, value] of Object.entries(filter)) {
    const related = relatedModel(scope, model, key)
    if (key === 'AND' || key === 'OR' || key === 'NOT') mapRows(value, (part) => checkFilter(scope, model, part))
    else if (key === tenantColumn(scope, model)) own(scope, value)
    else if (key.startsWith(`${tenantField}_`) && isArgs(value)) own(scope, value[tenantField])
    else if (related && isArgs(value)) {
      for (const quantifier of quantifiers) checkFilter(scope, related, value[quantifier])
      checkFilter(scope, related, value)
    }
  }
}
