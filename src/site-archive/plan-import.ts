import type pg from 'pg'
import { newId } from '../security/random-token.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { tenantStorage } from '../storage/tenant-storage.ts'
import { migrationHead, readCatalogue, shapeOf, type Table } from './catalogue.ts'
import type { CheckedArchive } from './check-archive.ts'
import { type ChosenHost, chooseHosts, type HostPolicy, type HostWish, type LeftOut, readTakenHosts } from './choose-hosts.ts'
import { findUnwalled } from './find-unwalled.ts'
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
  hostPolicy: HostPolicy
}

export interface ImportPlan {
  tenantId: string
  slug: string
  status: 'active' | 'suspended'
  hosts: ChosenHost[]
  leftOut: LeftOut[]
  tables: readonly Table[]
}

/** What an import would do, or every reason why not, before anything is written. */
export async function planImport(hub: Hub, checked: CheckedArchive, wish: ImportWish): Promise<ImportPlan> {
  const { owner } = hub
  const { manifest } = checked
  const tenantId = wish.newId ? newId() : manifest.site.id
  const slug = wish.as ?? manifest.site.slug
  const tables = await readCatalogue(owner)
  const { hosts, leftOut, refusals } = chooseHosts(manifest.hosts, wish, { ...hub.hostPolicy, slug, taken: await readTakenHosts(owner) })
  const foreign = await schemaRefusals(owner, manifest, tables)
  const all = [
    // Rows of another schema name what they like.
    ...(foreign.length > 0 ? foreign : objectRefusals(checked)),
    ...(await wallRefusals(owner)),
    ...(await nameRefusals(owner, tenantId, slug)),
    ...refusals,
    ...quotaRefusals(checked, hub.quota),
    ...(wish.discardFiles ? [] : await fileRefusals(hub.storage, tenantId)),
  ]
  if (all.length > 0) throw new Error(['Nothing was imported:', ...all.map((line) => `  ${line}`)].join('\n'))
  return { tenantId, slug, status: manifest.site.status === 'active' ? 'active' : 'suspended', hosts, leftOut, tables }
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

/** Rows of an archive are somebody else's words: they come in where the database holds them to their own tenant, and nowhere else. */
async function wallRefusals(owner: pg.Client): Promise<string[]> {
  const open = await findUnwalled(owner)
  return open.length > 0 ? [`This database does not keep the rows of ${open.join(', ')} apart: "tenantry doctor" says what is wrong.`] : []
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

function objectRefusals({ unnamed }: CheckedArchive): string[] {
  return unnamed > 0
    ? [
        `Files of the archive belong to no row of it, or come twice (${unnamed}): it is not as "tenantry site export" wrote it. Export the site again.`,
      ]
    : []
}

/** By what comes in, whatever its manifest says. What is made of the media counts for no quota, so that it has a bound of its own here. */
function quotaRefusals({ manifest, countedBytes, objectBytes }: CheckedArchive, quota: number): string[] {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2)
  const wanted = {
    "The site's media": Math.max(manifest.mediaBytes, countedBytes),
    'What is made of its media, and the files of its brand,': objectBytes - countedBytes,
  }
  return Object.entries(wanted).flatMap(([what, bytes]) =>
    bytes > quota ? [`${what} take up ${megabytes(bytes)} MB, and MEDIA_QUOTA_MB allows ${megabytes(quota)}: raise it.`] : [],
  )
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
