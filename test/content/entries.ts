import { newId } from '../../src/security/random-token.ts'
import type { TestDatabase, TestTenant } from '../database.ts'

export interface NewEntry {
  slug: string
  data?: object
  status?: 'draft' | 'published' | 'archived'
  publishedAt?: string | null
}

/** Puts entries into a collection of a site, past the service, and answers their ids. */
export async function addEntries(data: TestDatabase, site: TestTenant, collection: string, entries: readonly NewEntry[]): Promise<string[]> {
  const ids: string[] = []
  for (const { slug, data: content = { title: slug }, status = 'published', publishedAt = '2026-05-01T10:00:00Z' } of entries) {
    const id = newId()
    await data.owner.query(
      `insert into entries (tenant_id, id, collection_id, slug, data, status, published_at)
       select $1, $2, c.id, $4, $5, $6, $7 from collections c where c.tenant_id = $1 and c.slug = $3`,
      [site.id, id, collection, slug, JSON.stringify(content), status, publishedAt],
    )
    ids.push(id)
  }
  return ids
}
