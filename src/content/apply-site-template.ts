import type { TenantDb } from '../db/client.ts'
import { newId } from '../security/random-token.ts'
import type { SampleEntry, SiteTemplate } from './site-template.ts'

/**
 * Makes the collections of a template that a site lacks, and fills those it made with samples. What a site has already is left alone. To be called in
 * a transaction.
 */
export async function applySiteTemplate(
  tx: Pick<TenantDb, 'collection' | 'entry'>,
  tenantId: string,
  { collections }: SiteTemplate,
  samples: readonly SampleEntry[],
): Promise<void> {
  const present = new Set((await tx.collection.findMany({ select: { slug: true } })).map(({ slug }) => slug))
  const missing = collections.filter(({ slug }) => !present.has(slug))
  const ids = new Map(missing.map(({ slug }) => [slug, newId()]))
  const rows = missing.map(({ slug, name, description, audience, form = false, schema }) => {
    return {
      tenantId,
      id: ids.get(slug) ?? newId(),
      slug,
      name,
      description,
      audience,
      form,
      schema: toJson(schema),
      position: collections.findIndex((one) => one.slug === slug),
    }
  })
  await tx.collection.createMany({ data: rows })
  await tx.entry.createMany({ data: samples.flatMap((sample) => entryRow(tenantId, ids.get(sample.collection), sample)) })
}

function entryRow(tenantId: string, collectionId: string | undefined, { slug, data, publishedAt }: SampleEntry) {
  return collectionId ? [{ tenantId, id: newId(), collectionId, slug, data: toJson(data), status: 'published', publishedAt }] : []
}

/** Through text and back: a schema built by TypeBox carries symbols, which a column cannot. */
function toJson(value: object) {
  return JSON.parse(JSON.stringify(value))
}
