import type { Database } from '../../db/client.ts'

export interface Site {
  id: string
  slug: string
}

/** All that are not deleted, or the one of this name. */
export async function findSites(database: Database, slug: string | undefined): Promise<Site[]> {
  const sites = await findAnySites(database, slug)
  const live = sites.filter(({ status }) => status !== 'deleted')
  if (slug !== undefined && live.length === 0) throw new Error(`The site "${slug}" is deleted.`)
  return live
}

/** Deleted ones too. */
export async function findAnySites({ directory }: Database, slug: string | undefined) {
  if (slug === undefined) return directory.tenant.findMany({ orderBy: { slug: 'asc' } })
  const site = await directory.tenant.findUnique({ where: { slug } })
  if (!site) throw new Error(`There is no site "${slug}".`)
  return [site]
}

/** One whose people can come in: with its canonical host, and what it speaks. */
export async function findServed(database: Database, slug: string) {
  const [site] = await findSites(database, slug)
  const id = site?.id ?? ''
  const canonical = await database.directory.host.findFirst({ where: { tenantId: id, canonical: true }, select: { host: true } })
  if (!canonical) throw new Error(`The site "${slug}" has no canonical host: nobody could open a link.`)
  const profile = await database.forTenant(id).site.findFirst({ select: { locale: true } })
  return { id, slug, host: canonical.host, locale: profile?.locale ?? '' }
}

/** Slug of the hub's own site. */
export async function findPlatform({ directory }: Database): Promise<string> {
  const platform = await directory.tenant.findFirst({ where: { kind: 'platform' }, select: { slug: true } })
  if (!platform) throw new Error('The hub has no site of its own yet: tenantry operator create makes it.')
  return platform.slug
}
