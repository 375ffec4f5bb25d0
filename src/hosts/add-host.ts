import type pg from 'pg'
import { randomSecret } from '../security/random-token.ts'
import { claimableHost, type HostRules } from './claimable-host.ts'
import type { HostRow } from './host-state.ts'
import { inHostTurn, lockSites, recordHostEvent } from './host-turn.ts'
import { readHost, readSite } from './read-hosts.ts'
import { makeCanonical } from './set-canonical.ts'

export interface HostWish {
  slug: string
  host: string
  /** An operator's word that the host is the site's: it is served at once, and no proof is waited for. */
  proven?: boolean
  /** Has to be proven. The first host of a site is canonical anyway. */
  canonical?: boolean
}

/** Claims cost nothing, so that there have to be some limits: who has forgotten twenty does not miss them. */
export const mostPending = 20

/** Gives a site a host: claimed, with a token to be set in the DNS, or served at once. Asked again it answers what is there. Throws one plain line. */
export async function addHost(
  owner: pg.Client,
  { slug, host: raw, proven = false, canonical = false }: HostWish,
  rules: HostRules,
): Promise<HostRow> {
  if (canonical && !proven)
    throw new Error('--canonical goes with --proven. A host that is proven later becomes canonical by "tenantry host canonical".')
  const host = claimableHost(raw, rules, { slug, asserted: proven })
  const { id, status } = await readSite(owner, slug)
  if (status === 'deleted') throw new Error(`The site "${slug}" is deleted. "tenantry site restore ${slug}" brings it back.`)
  return inHostTurn(owner, host, async () => {
    await lockSites(owner, { tenantId: id, host })
    const known = await readHost(owner, slug, host)
    if (!known) {
      await refuseClaim(owner, { id, slug, host, counted: !proven })
      await owner.query('insert into hosts (tenant_id, host, token) values ($1, $2, $3)', [id, host, randomSecret()])
      await recordHostEvent(owner, { tenantId: id, action: 'host.added', host, details: { asserted: proven } })
    }
    if (proven) await assertHost(owner, { id, host })
    if (canonical) await makeCanonical(owner, id, host)
    const added = await readHost(owner, slug, host)
    if (!added) throw new TypeError('the host was added and is gone')
    return added
  })
}

async function refuseClaim(
  owner: pg.Client,
  { id, slug, host, counted }: { id: string; slug: string; host: string; counted: boolean },
): Promise<void> {
  const { rows } = await owner.query<{ console: boolean; pending: number }>(
    `select exists (select from hosts h join tenants t on t.id = h.tenant_id where t.kind = 'platform' and h.host = $2 and t.id <> $1) as console,
       (select count(*)::int from hosts where tenant_id = $1 and status = 'pending') as pending`,
    [id, host],
  )
  if (rows[0]?.console) throw new Error(`"${host}" is a host of the console.`)
  if (counted && (rows[0]?.pending ?? 0) >= mostPending) {
    throw new Error(`"${slug}" has ${mostPending} hosts that were never proven. Remove one by "tenantry host remove" first.`)
  }
}

async function assertHost(owner: pg.Client, { id, host }: { id: string; host: string }): Promise<void> {
  const { rows } = await owner.query<{ site: string; deleted: boolean }>(
    `select t.slug as site, t.status = 'deleted' as deleted from hosts h join tenants t on t.id = h.tenant_id where h.host = $1 and h.status = 'verified' and t.id <> $2`,
    [host, id],
  )
  const [holder] = rows
  if (holder) {
    const has = holder.deleted ? `is kept for the site "${holder.site}", which is deleted` : `is served for the site "${holder.site}"`
    throw new Error(`"${host}" ${has}. "tenantry host remove ${holder.site} ${host}" frees it.`)
  }
  const { rowCount } = await owner.query(
    `update hosts set status = 'verified', released_at = null, canonical = not exists (select from hosts where tenant_id = $1 and canonical)
     where tenant_id = $1 and host = $2 and status = 'pending'`,
    [id, host],
  )
  if (rowCount) await recordHostEvent(owner, { tenantId: id, action: 'host.proven', host, details: { asserted: true } })
}
