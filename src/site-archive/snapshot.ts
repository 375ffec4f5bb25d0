import type pg from 'pg'
import type { Manifest } from './manifest.ts'
import { plainSettings } from './table-rows.ts'

/** Everything that `work` reads is of one moment, and of one site. The owner of a table is held to its policies too, hence the setting. */
export async function inSnapshot<Result>(owner: pg.Client, slug: string, work: (site: Manifest['site']) => Promise<Result>): Promise<Result> {
  await owner.query('begin isolation level repeatable read, read only')
  try {
    await owner.query(plainSettings)
    const site = await findSite(owner, slug)
    await owner.query("select set_config('app.tenant_id', $1, true)", [site.id])
    return await work(site)
  } finally {
    await owner.query('rollback')
  }
}

export async function findSite(owner: pg.Client, slug: string): Promise<Manifest['site']> {
  const { rows } = await owner.query<Manifest['site'] & { kind: string }>(
    `select id, slug, kind, status, version::text as version, created_at::text as "createdAt" from tenants where slug = $1`,
    [slug],
  )
  const [found] = rows
  if (!found) throw new Error(`There is no site "${slug}".`)
  const { kind, ...site } = found
  if (kind !== 'site') throw new Error(`"${slug}" is the hub's own console: it is no site, and is not exported. A backup of the database has it.`)
  return site
}
