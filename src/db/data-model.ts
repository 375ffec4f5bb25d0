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

export const tenantField = 'tenantId'

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
export function tenantColumn({ models }: Scope, model: string): string | undefined {
  if (model === 'Tenant') return 'id'
  return models.get(model)?.has(tenantField) ? tenantField : undefined
}

/** The model that a relation leads to; undefined for columns, JSON ones too: nothing looks into those. */
export function relatedModel({ models }: Scope, model: string, field: string): string | undefined {
  const found = models.get(model)?.get(field)
  return found?.kind === 'object' ? found.type : undefined
}

/**
 * Whether the relation leads to the row this one refers to: the data model does not say which side holds the key, our names do
 * (`collection` by `collectionId`).
 */
export function isParent({ models }: Scope, model: string, field: string): boolean {
  const fields = models.get(model)
  return fields?.get(field)?.type === 'Tenant' || Boolean(fields?.has(`${field}Id`))
}

/** The scope's tenant, where the program names it too or leaves it out; naming another one is a mistake in the program. */
export function own({ tenantId }: Scope, given: unknown): string {
  const named = isArgs(given) && Object.keys(given).join() === 'equals' ? given.equals : given
  if (named === undefined || named === tenantId) return tenantId
  throw new TypeError('the operation names another tenant than the one it runs for')
}

export function mapRows(value: unknown, each: (row: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(each) : each(value)
}

export function isArgs(value: unknown): value is Args {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !ArrayBuffer.isView(value)
}
