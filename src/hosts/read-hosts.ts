import type pg from 'pg'
import type { HostRow } from './host-state.ts'

export interface HostFilter {
  slug?: string
  host?: string
}

/** Hosts of sites that are not deleted, by site; the canonical one first. */
export async function readHosts(owner: pg.Client, { slug, host }: HostFilter): Promise<HostRow[]> {
  const { rows } = await owner.query<HostRow>(
    `select h.tenant_id as "tenantId", t.slug as site, h.host, h.status, h.canonical, h.token, h.proven_at as "provenAt", h.pointed_at as "pointedAt",
       h.failing_since as "failingSince", h.failures, h.checked_at as "checkedAt", h.finding, h.released_at as "releasedAt"
     from hosts h join tenants t on t.id = h.tenant_id
     where t.status <> 'deleted' and ($1::text is null or t.slug = $1) and ($2::text is null or h.host = $2)
     order by t.slug, h.canonical desc, h.created_at, h.host`,
    [slug, host],
  )
  return rows
}

export async function readHost(owner: pg.Client, slug: string, host: string): Promise<HostRow | undefined> {
  const [row] = await readHosts(owner, { slug, host })
  return row
}

export interface FoundSite {
  id: string
  slug: string
  status: 'active' | 'suspended' | 'deleted'
}

export async function readSite(owner: pg.Client, slug: string): Promise<FoundSite> {
  const { rows } = await owner.query<FoundSite>('select id, slug, status from tenants where slug = $1', [slug])
  const [site] = rows
  if (!site) throw new Error(`There is no site "${slug}".`)
  return site
}
