import type pg from 'pg'
import { normaliseHost } from '../tenancy/host-name.ts'
import { inHostTurn, lockSites, recordHostEvent } from './host-turn.ts'
import { readSite } from './read-hosts.ts'

/** Takes a host from a site, and its claim with it. Of a canonical one another has to take the place first, unless the site itself is deleted. */
export async function removeHost(owner: pg.Client, slug: string, name: string): Promise<void> {
  const host = normaliseHost(name) ?? name
  const { id, status } = await readSite(owner, slug)
  await inHostTurn(owner, host, async () => {
    await lockSites(owner, { tenantId: id, host })
    const { rows } = await owner.query<{ canonical: boolean }>('select canonical from hosts where tenant_id = $1 and host = $2 for update', [
      id,
      host,
    ])
    const [row] = rows
    if (!row) throw new Error(`The site "${slug}" has no host "${host}". "tenantry host list ${slug}" shows those it has.`)
    if (row.canonical && status !== 'deleted') {
      throw new Error(`"${host}" is the canonical host of "${slug}". Make another canonical first: "tenantry host canonical ${slug} <host>".`)
    }
    await owner.query('delete from hosts where tenant_id = $1 and host = $2', [id, host])
    await recordHostEvent(owner, { tenantId: id, action: 'host.removed', host })
  })
}
