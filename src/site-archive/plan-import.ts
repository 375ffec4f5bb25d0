import type pg from 'pg'
import { newId } from '../security/random-token.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { tenantStorage } from '../storage/tenant-storage.ts'
import { migrationHead, readCatalogue, shapeOf, type Table } from './catalogue.ts'
import { type ChosenHost, chooseHosts, type Holder, type HostWish } from './choose-hosts.ts'
import type { Manifest } from './manifest.ts'

export interface ImportWish extends HostWish {
  /** Another slug. */
  as?: string
  newId?: boolean
  /** Remove what lies in the storage under the site's id. */
  discardFiles?: boolean
}

export interface Hub {
  owner: pg.Client
  storage: ObjectStorage
  /** Bytes that a site's media may take. */
  quota: number
  /** The one form of a host that the site may have; throws one plain line for all others. */
  claimable(raw: string, claim: { slug: string; asserted: boolean }): string
}

export interface ImportPlan {
  tenantId: string
  slug: string
  status: 'active' | 'suspended'
  hosts: ChosenHost[]
  leftOut: string[]
  tables: readonly Table[]
}

/** What an import would do, or every reason why not, before anything is written. */
export async function planImport(hub: Hub, manifest: Manifest, wish: ImportWish): Promise<ImportPlan> {
  const { owner } = hub
  const tenantId = wish.newId ? newId() : manifest.site.id
  const slug = wish.as ?? manifest.site.slug
  const tables = await readCatalogue(owner)
  const { hosts, leftOut, refusals } = chooseHosts(manifest.hosts, wish, {
    provenElsewhere: await provenHosts(owner),
    claimable: (raw, asserted) => hub.claimable(raw, { slug, asserted }),
  })
  const all = [
    ...(await schemaRefusals(owner, manifest, tables)),
    ...(await nameRefusals(owner, tenantId, slug)),
    ...refusals,
    ...quotaRefusals(manifest, hub.quota),
    ...(wish.discardFiles ? [] : await fileRefusals(hub.storage, tenantId)),
  ]
  if (all.length > 0) throw new Error(['Nothing was imported:', ...all.map((line) => `  ${line}`)].join('\n'))
  return { tenantId, slug, status: manifest.site.status === 'active' ? 'active' : 'suspended', hosts, leftOut, tables }
}

async function provenHosts(owner: pg.Client): Promise<Map<string, Holder>> {
  const { rows } = await owner.query<Holder & { host: string }>(
    `select h.host, t.slug, t.status = 'deleted' as deleted from hosts h join tenants t on t.id = h.tenant_id where h.status = 'verified'`,
  )
  return new Map(rows.map(({ host, ...holder }) => [host, holder]))
}

/** Rows of other tables than these would be lost or misread. */
async function schemaRefusals(owner: pg.Client, { head, release, tables: archived }: Manifest, tables: readonly Table[]): Promise<string[]> {
  const { head: own, applied } = await migrationHead(owner)
  if (!applied.has(head))
    return [
      `The archive is of release ${release} with migration ${head}, which this hub does not have: run "tenantry migrate" with that release first.`,
    ]
  const words = (list: readonly { name: string; columns: readonly string[] }[]) =>
    new Map(list.map(({ name, columns }) => [name, columns.join(', ')]))
  const [there, here] = [words(archived), words(tables.map((table) => ({ name: table.name, columns: shapeOf(table) })))]
  const differing = [...new Set([...there.keys(), ...here.keys()])].filter((name) => there.get(name) !== here.get(name)).sort()
  if (differing.length === 0) return []
  return [
    `The archive is of release ${release} with migration ${head}, and since then ${differing.join(', ')} changed (this hub is at ${own}): import it into a hub of that release, run "tenantry migrate" there with this one, and export it again.`,
  ]
}

async function nameRefusals(owner: pg.Client, tenantId: string, slug: string): Promise<string[]> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(slug)) return [`--as "${slug}" is no slug: use letters a to z, digits and hyphens, 63 at most.`]
  const { rows } = await owner.query<{ id: string; slug: string; status: string }>(
    'select id, slug, status from tenants where id = $1 or slug = $2',
    [tenantId, slug],
  )
  return rows.flatMap((row) => [
    ...(row.id === tenantId ? [`The site's id is taken: "${row.slug}" (${row.status}) has it. Give --new-id to import a copy beside it.`] : []),
    ...(row.slug === slug ? [`The slug "${slug}" is taken by a site that is ${row.status}: give --as with another one.`] : []),
  ])
}

function quotaRefusals({ mediaBytes }: Manifest, quota: number): string[] {
  if (mediaBytes <= quota) return []
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2)
  return [`The site's media take up ${megabytes(mediaBytes)} MB, and MEDIA_QUOTA_MB allows ${megabytes(quota)}: raise it.`]
}

/** Whatever fails later is tidied up by removing all that lies there: so it has to be ours. */
async function fileRefusals(storage: ObjectStorage, tenantId: string): Promise<string[]> {
  for await (const _ of tenantStorage(storage, tenantId).list('')) {
    return [
      `The storage already has files below tenants/${tenantId}/. Where an import that was killed left them, give --discard-files; where another hub keeps them there, give --new-id.`,
    ]
  }
  return []
}
