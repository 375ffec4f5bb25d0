import type { Readable } from 'node:stream'
import type pg from 'pg'
import type { AuditAction } from '../audit/actions.ts'
import type { Lock } from '../security/age.ts'
import { newId } from '../security/random-token.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { tenantStorage } from '../storage/tenant-storage.ts'
import { migrationHead, readCatalogue, shapeOf, type Table } from './catalogue.ts'
import { encrypt } from './encryption.ts'
import { format, type Manifest } from './manifest.ts'
import type { Naming } from './named-object.ts'
import { type Seals, sealingOf } from './sealed-values.ts'
import { findSite, inSnapshot } from './snapshot.ts'
import { countRows, readRow, readRows } from './table-rows.ts'
import { type ArchiveWriter, manifestName, writeArchive } from './write-archive.ts'

export interface ExportTools {
  owner: pg.Client
  storage: ObjectStorage
  seals: Seals
  naming: Naming
  lock: Lock
  /** Version of Tenantry. */
  release: string
  progress?: (line: string) => void
}

export interface ExportWish {
  slug: string
  /** Go on without secrets that no key opens, and without objects that the storage does not have. */
  withoutUnreadable?: boolean
  withoutMissing?: boolean
}

export interface Exported {
  manifest: Manifest
  objects: number
  objectBytes: number
  /** What it went on without. */
  unreadable: string[]
  missing: string[]
}

/** Of the text of a part: it is in memory as a whole. */
const partSize = 1024 * 1024
const shownAtMost = 20

/**
 * Writes one site into `send` as an encrypted archive, all of it as it was at one moment. The site's audit log tells of it before anything is read, so that
 * nobody takes a copy that is in no log, and once more when it is whole. Secrets that do not open and objects that are not there end it with a list, the
 * first ones before anything is sent.
 */
export async function exportSite(tools: ExportTools, wish: ExportWish, send: (archive: Readable) => Promise<void>): Promise<Exported> {
  const { owner, lock } = tools
  const [{ id }, archive] = [await findSite(owner, wish.slug), newId()]
  await tellOf(owner, { id, action: 'site.export-begun', archive })
  const exported = await inSnapshot(owner, wish.slug, async (site) => {
    const tables = await readCatalogue(owner)
    const unreadable = await findUnreadable(tools, tables, site.id)
    if (unreadable.length > 0 && !wish.withoutUnreadable) throw new Error(refusal('No SECRET_KEYS open', unreadable, '--without-unreadable'))
    const manifest = await makeManifest(tools, tables, { site, archive })
    const result: Exported = { manifest, objects: 0, objectBytes: 0, unreadable, missing: [] }
    const plain = writeArchive(async (writer) => {
      await writer.part(manifestName, JSON.stringify(manifest))
      for (const table of tables) await writeTable(tools, writer, { table, tenantId: site.id })
      await writeObjects(tools, writer, { tables, result })
      const { missing } = result
      if (missing.length > 0 && !wish.withoutMissing) throw new Error(refusal('The storage does not have', missing, '--without-missing'))
    })
    try {
      await send(await encrypt(plain.bytes, lock))
    } finally {
      await plain.close()
    }
    return result
  })
  await tellOf(owner, { id, action: 'site.exported', archive })
  return exported
}

function refusal(what: string, names: readonly string[], flag: string): string {
  const shown = names.slice(0, shownAtMost).map((name) => `  ${name}`)
  const more = names.length > shownAtMost ? [`  and ${names.length - shownAtMost} more`] : []
  return [`${what}:`, ...shown, ...more, `Nothing was exported. Give ${flag} to go without them.`].join('\n')
}

async function findUnreadable({ owner, seals }: ExportTools, tables: readonly Table[], tenantId: string): Promise<string[]> {
  const found: string[] = []
  for (const table of tables) {
    const sealing = sealingOf(table, tenantId, seals)
    if (!sealing) continue
    for await (const lines of readRows(owner, table, tenantId)) sealing.open(lines, (what) => void found.push(what))
  }
  return found
}

async function makeManifest(
  { owner, release }: ExportTools,
  tables: readonly Table[],
  { site, archive }: Pick<Manifest, 'site' | 'archive'>,
): Promise<Manifest> {
  const hosts = await owner.query<Manifest['hosts'][number]>(
    `select host, status = 'verified' as proven, canonical from hosts where tenant_id = $1 order by canonical desc, host`,
    [site.id],
  )
  const media = await owner.query<{ bytes: string }>('select coalesce(sum(bytes), 0)::text as bytes from media_usage where tenant_id = $1', [site.id])
  const described = []
  for (const table of tables) described.push({ name: table.name, columns: shapeOf(table), rows: await countRows(owner, table, site.id) })
  const { head } = await migrationHead(owner)
  const [exportedAt, mediaBytes] = [new Date().toISOString(), Number(media.rows[0]?.bytes ?? 0)]
  return { format, archive, release, head, exportedAt, site, hosts: hosts.rows, tables: described, mediaBytes }
}

async function writeTable(
  { owner, seals, progress }: ExportTools,
  writer: ArchiveWriter,
  { table, tenantId }: { table: Table; tenantId: string },
): Promise<void> {
  const sealing = sealingOf(table, tenantId, seals)
  let [number, waiting, size] = [0, [] as string[], 0]
  const flush = async () => {
    if (waiting.length === 0) return
    number++
    await writer.part(`tables/${table.name}/${String(number).padStart(6, '0')}.ndjson`, `${waiting.join('\n')}\n`)
    waiting = []
    size = 0
  }
  for await (const lines of readRows(owner, table, tenantId)) {
    for (const line of sealing?.open(lines) ?? lines) {
      waiting.push(line)
      size += line.length
      if (size >= partSize) await flush()
    }
    progress?.(`exporting ${table.name}`)
  }
  await flush()
}

/** Those that rows name, and no other: what is on its way, or was left behind, is not the site's. */
async function writeObjects({ owner, storage, naming, progress }: ExportTools, writer: ArchiveWriter, { tables, result }: Objects): Promise<void> {
  const { id } = result.manifest.site
  const own = tenantStorage(storage, id)
  for (const table of tables) {
    const named = naming[table.name]
    if (!named) continue
    for await (const lines of readRows(owner, table, id)) {
      for (const { key, counted: _, ...kind } of lines.flatMap((line) => named(readRow(line)))) {
        const found = await own.read(key)
        if (found) {
          await writer.object(key, found, kind)
          result.objects++
          result.objectBytes += found.size
        } else result.missing.push(key)
        progress?.(`exporting objects: ${result.objects}, ${Math.round(result.objectBytes / 1024 ** 2)} MB`)
      }
    }
  }
}

interface Objects {
  tables: readonly Table[]
  result: Exported
}

async function tellOf(owner: pg.Client, { id, action, archive }: { id: string; action: AuditAction; archive: string }): Promise<void> {
  await owner.query("select set_config('app.tenant_id', $1, false)", [id])
  await owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, target_kind, target, details) values ($1, $2, $5, 'operator', 'site', $3, $4)`,
    [id, newId(), id, { archive }, action],
  )
}
