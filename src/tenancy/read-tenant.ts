import type { Database } from '../db/client.ts'
import { isId } from '../security/random-token.ts'

/** How a request names its tenant. */
export type Locator = { host: string } | { slug: string } | { id: string }

export interface FoundTenant {
  id: string
  slug: string
  kind: 'site' | 'platform'
  status: 'active' | 'suspended'
  /** Raised whenever something changed that the public sees; what is kept in memory is keyed by it. */
  version: number
  /** Verified hosts. */
  hosts: readonly string[]
  /** Names the tenant in tokens and links; never taken from a request. */
  canonicalHost: string
}

interface Row extends Omit<FoundTenant, 'canonicalHost'> {
  canonicalHost: string | null
}

/** Reads the directory. A deleted tenant, or one without a canonical host, is answered like one that never was. */
export async function readTenant({ directory }: Pick<Database, 'directory'>, locator: Locator): Promise<FoundTenant | undefined> {
  const host = 'host' in locator ? locator.host : null
  const slug = 'slug' in locator ? locator.slug : null
  const id = 'id' in locator && isId(locator.id) ? locator.id : null
  if (host === null && slug === null && id === null) return undefined
  const [row] = await directory.$queryRaw<Row[]>`
    select t.id, t.slug, t.kind, t.status, t.version::float8 as version,
      array(select h.host from hosts h where h.tenant_id = t.id and h.status = 'verified' order by h.host) as hosts,
      (select h.host from hosts h where h.tenant_id = t.id and h.canonical) as "canonicalHost"
    from tenants t
    where t.id = coalesce(
        (select h.tenant_id from hosts h where h.host = ${host} and h.status = 'verified'),
        (select s.id from tenants s where s.slug = ${slug}),
        ${id}::uuid)
      and t.status <> 'deleted'`
  return row?.canonicalHost ? { ...row, canonicalHost: row.canonicalHost } : undefined
}
