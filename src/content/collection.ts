import { type Static, Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'

export const Collection = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    slug: Type.String({ maxLength: 63 }),
    name: Type.String({ maxLength: 200 }),
    description: Type.String({ maxLength: 1000 }),
    schema: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description: "JSON Schema of an entry's data" }),
  },
  { additionalProperties: false },
)
export type Collection = Static<typeof Collection>

const fields = { id: true, slug: true, name: true, description: true, schema: true } as const

export function publicCollections(db: TenantDb) {
  return db.collection.findMany({ where: { audience: 'public' }, select: fields, orderBy: [{ position: 'asc' }, { slug: 'asc' }] })
}

/** Id of a collection that everybody may read; one for staff is answered like one that does not exist. */
export async function publicCollectionId(db: TenantDb, slug: string): Promise<string> {
  const found = await db.collection.findFirst({ where: { slug, audience: 'public' }, select: { id: true } })
  if (!found) throw problem('COLLECTION_UNKNOWN')
  return found.id
}
