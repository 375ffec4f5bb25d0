import type { Database } from '../../db/client.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { table } from '../table.ts'

export async function listSites(database: Database, flags: CommonFlags): Promise<void> {
  const tenants = await database.directory.tenant.findMany({
    select: { id: true, slug: true, status: true, kind: true, createdAt: true, hosts: { where: { canonical: true }, select: { host: true } } },
    orderBy: { slug: 'asc' },
  })
  const sites: Awaited<ReturnType<typeof describe>>[] = []
  // One after the other: each is a tenant's own query, and two connections are all that a command takes.
  for (const tenant of tenants) sites.push(await describe(database, tenant))
  print(flags, sites, () =>
    sites.length === 0
      ? 'There are no sites yet: tenantry site create makes one.'
      : table(
          [
            ['slug', 'status', 'kind', 'host', 'members', 'created'],
            ...sites.map(({ slug, status, kind, canonicalHost, members, createdAt }) => [
              slug,
              status,
              kind,
              canonicalHost ?? '-',
              String(members),
              createdAt.slice(0, 10),
            ]),
          ],
          { left: [0, 1, 2, 3] },
        ),
  )
}

interface TenantRow {
  id: string
  slug: string
  status: string
  kind: string
  createdAt: Date
  hosts: { host: string }[]
}

async function describe({ forTenant }: Database, { hosts, createdAt, ...tenant }: TenantRow) {
  const members = await forTenant(tenant.id).member.count()
  return { ...tenant, canonicalHost: hosts[0]?.host ?? null, members, createdAt: createdAt.toISOString() }
}
