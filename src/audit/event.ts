import { type Static, Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import { isId } from '../security/random-token.ts'

const strict = { additionalProperties: false }
const Id = Type.String({ maxLength: 200 })
const Name = Type.Union([Type.String({ maxLength: 200 }), Type.Null()], { description: 'As it is now; null where whoever it was is gone' })

export const AuditEvent = Type.Object(
  {
    id: Id,
    at: Type.String({ format: 'date-time', maxLength: 30 }),
    action: Type.String({ maxLength: 60 }),
    actor: Type.Object(
      {
        kind: Type.Enum(['member', 'api-key', 'operator', 'visitor', 'system'], { type: 'string' }),
        id: Type.Union([Id, Type.Null()]),
        name: Name,
      },
      strict,
    ),
    actingAs: Type.Union([Type.Object({ id: Id, name: Name }, strict), Type.Null()], { description: 'The member as whom an operator acted' }),
    target: Type.Union([Type.Object({ kind: Type.String({ maxLength: 40 }), id: Id, name: Name }, strict), Type.Null()]),
    address: Type.String({ maxLength: 45 }),
    userAgent: Type.String({ maxLength: 400 }),
    request: Type.Union([Id, Type.Null()], { description: '`x-request-id` of the answer' }),
    details: Type.Object({}, { additionalProperties: true }),
  },
  strict,
)
export type AuditEvent = Static<typeof AuditEvent>

export const eventFields = {
  id: true,
  at: true,
  action: true,
  actorKind: true,
  actor: true,
  actingAs: true,
  targetKind: true,
  target: true,
  address: true,
  userAgent: true,
  request: true,
  details: true,
} as const

export interface EventRow {
  id: string
  at: Date
  action: string
  actorKind: string
  actor: string | null
  actingAs: string | null
  targetKind: string | null
  target: string | null
  address: string
  userAgent: string
  request: string | null
  details: unknown
}

const kinds = ['member', 'api-key', 'operator', 'visitor', 'system'] as const

/** Rows as they are shown. Names are looked up now and for all of them at once: the log itself holds none. */
export async function shapeEvents(db: TenantDb, rows: readonly EventRow[]): Promise<AuditEvent[]> {
  const names = await readNames(db, idsOf(rows))
  const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? null))
  return rows.map(({ actorKind, actor, actingAs, targetKind, target, at, details, ...row }) => ({
    ...row,
    at: at.toISOString(),
    actor: { kind: kinds.find((kind) => kind === actorKind) ?? 'system', id: actor, name: nameOf(actor) },
    actingAs: actingAs === null ? null : { id: actingAs, name: nameOf(actingAs) },
    target: targetKind === null || target === null ? null : { kind: targetKind, id: target, name: nameOf(target) },
    details: Object(details),
  }))
}

function idsOf(rows: readonly EventRow[]): string[] {
  const ids = rows.flatMap(({ actor, actingAs, target }) => [actor, actingAs, target]).filter((id) => id !== null)
  return [...new Set(ids.filter(isId))]
}

/** Ids are unique among all tables: one list finds members, keys, roles, and operators who came in here. */
async function readNames(db: TenantDb, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db.$queryRaw<{ id: string; name: string }[]>`
    select distinct on (operator) operator as id, operator_name as name from operator_entries where operator = any (${ids}::uuid[])
    union all select id, name from api_keys where id = any (${ids}::uuid[])
    union all select id, name from roles where id = any (${ids}::uuid[])
    union all select id, name from members where id = any (${ids}::uuid[])`
  return new Map(rows.map(({ id, name }) => [id, name]))
}
