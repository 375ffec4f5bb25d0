import { type Static, Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import type { Position } from '../tenancy/cursor.ts'

export const Entry = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    slug: Type.String({ maxLength: 127 }),
    collection: Type.String({ maxLength: 63, description: 'Slug of its collection' }),
    data: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description: "After its collection's schema" }),
    publishedAt: Type.String({ format: 'date-time', maxLength: 30 }),
    updatedAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)
export type Entry = Static<typeof Entry>

const fields = { id: true, slug: true, data: true, publishedAt: true, updatedAt: true } as const

export interface Page {
  collectionId: string
  take: number
  after: Position | undefined
}

/** Published entries, newest first. The order is total, so that no entry is shown twice or passed over between two pages. */
export function publishedEntries(db: TenantDb, { collectionId, take, after }: Page) {
  const beyond = after && { OR: [{ publishedAt: { lt: after.at } }, { publishedAt: after.at, id: { lt: after.id } }] }
  return db.entry.findMany({
    where: { collectionId, status: 'published', ...beyond },
    select: fields,
    orderBy: [{ publishedAt: 'desc' }, { id: 'desc' }],
    take,
  })
}

export function publishedEntry(db: TenantDb, collectionId: string, slug: string) {
  return db.entry.findFirst({ where: { collectionId, slug, status: 'published' }, select: fields })
}

interface Row {
  id: string
  slug: string
  data: unknown
  publishedAt: Date | null
  updatedAt: Date
}

export function shapeEntry(collection: string, { id, slug, data, publishedAt, updatedAt }: Row): Entry {
  return { id, slug, collection, data: Object(data), publishedAt: (publishedAt ?? updatedAt).toISOString(), updatedAt: updatedAt.toISOString() }
}
