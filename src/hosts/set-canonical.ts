import type pg from 'pg'
import { normaliseHost } from '../tenancy/host-name.ts'
import { inHostTurn, lockSites, recordHostEvent } from './host-turn.ts'
import { readHost, readSite } from './read-hosts.ts'

/** Names the site by another of its verified hosts from now on: in tokens, links and passkeys. False where it was that already. */
export async function setCanonical(owner: pg.Client, slug: string, name: string): Promise<boolean> {
  const host = normaliseHost(name) ?? name
  const { id } = await readSite(owner, slug)
  return inHostTurn(owner, host, async () => {
    await lockSites(owner, { tenantId: id, host })
    const row = await readHost(owner, slug, host)
    if (!row) throw new Error(`The site "${slug}" has no host "${host}". "tenantry host list ${slug}" shows those it has.`)
    if (row.status !== 'verified') throw new Error(`"${host}" is not proven yet. "tenantry host verify ${host}" says what is missing.`)
    return makeCanonical(owner, id, host)
  })
}

/** With the site locked. */
export async function makeCanonical(owner: pg.Client, tenantId: string, host: string): Promise<boolean> {
  const { rowCount } = await owner.query('update hosts set canonical = false where tenant_id = $1 and canonical and host <> $2', [tenantId, host])
  const { rowCount: changed } = await owner.query('update hosts set canonical = true where tenant_id = $1 and host = $2 and not canonical', [
    tenantId,
    host,
  ])
  if (rowCount || changed) await recordHostEvent(owner, { tenantId, action: 'host.became-canonical', host })
  return Boolean(rowCount || changed)
}
