import { type BackupEntry, listBackups, readManifest } from '../../backup/backup-store.ts'
import { sumOfRows, type Trust } from '../../backup/manifest.ts'
import { isOfFuture } from '../../backup/overdue.ts'
import { type ObjectStorage, StorageFailure } from '../../storage/object-storage.ts'
import { print } from '../print.ts'
import { inBytes } from '../sizes.ts'
import { table } from '../table.ts'
import type { Tools } from '../tools.ts'
import type { ListFlags } from './flags.ts'
import { withBackups } from './with-backups.ts'

interface Facts {
  hub: string | undefined
  tables: number | undefined
  rows: number | undefined
  /** Why it is not to be trusted. */
  fault: string | undefined
}

type Shown = BackupEntry & Facts

export async function showBackups(tools: Tools, flags: ListFlags): Promise<void> {
  const { signingKey } = tools.config().backup
  await withBackups(tools, async ({ storage }) => {
    const shown: Shown[] = []
    for (const entry of await listBackups(storage)) shown.push({ ...entry, ...(await readFacts(storage, entry.name, { signingKey })) })
    print(flags, shown, () => (shown.length > 0 ? inColumns(shown) : 'There is no backup yet: tenantry backup run makes one.'))
    for (const { fault } of shown) if (fault) console.error(fault)
    if (flags.maxAge !== undefined) requireYoung(shown, flags.maxAge)
  })
}

/** Whose each is stands there where they are of several hubs. */
function inColumns(shown: readonly Shown[]): string {
  const several = new Set(shown.map(({ hub }) => hub)).size > 1
  return table([[...head, ...(several ? ['hub'] : [])], ...shown.map((backup) => [...line(backup), ...(several ? [backup.hub ?? '-'] : [])])])
}

const head = ['name', 'taken', 'size', 'tables', 'rows', 'encrypted', 'verified']

function line({ name, takenAt, size, tables, rows, encrypted, verified, fault }: Shown): string[] {
  const facts = fault ? ['-', 'unreadable'] : [tables?.toString() ?? '-', rows?.toString() ?? '-']
  return [
    name,
    `${takenAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    inBytes(size),
    ...facts,
    encrypted ? 'yes' : 'no',
    verified ? 'yes' : 'NO',
  ]
}

/** A login that may only list sees what keys tell. */
async function readFacts(storage: ObjectStorage, name: string, trust: Trust): Promise<Facts> {
  const nothing = { hub: undefined, tables: undefined, rows: undefined, fault: undefined }
  try {
    const manifest = await readManifest(storage, name, trust)
    return { ...nothing, hub: manifest.hub ?? undefined, tables: Object.keys(manifest.tables).length, rows: sumOfRows(manifest) }
  } catch (error) {
    if (error instanceof StorageFailure && error.reason === 'refused') return nothing
    if (error instanceof StorageFailure || !(error instanceof Error)) throw error
    return { ...nothing, fault: error.message }
  }
}

/** Of every hub whose backups lie there. */
function requireYoung(shown: readonly Shown[], maxAge: number): void {
  const sound = shown.filter((backup) => backup.verified && !backup.fault && !isOfFuture(backup, Date.now()))
  const known = new Set(shown.flatMap(({ hub }) => hub ?? []))
  for (const hub of known.size > 1 ? known : [undefined]) {
    const newest = sound.find((backup) => hub === undefined || backup.hub === hub)
    if (newest && Date.now() - newest.takenAt.getTime() <= maxAge) continue
    const last = newest ? `the newest, ${newest.name}, is older` : 'there is none'
    const whose = hub ? ` of hub ${hub}` : ''
    console.error(
      `No verified backup${whose} is younger than ${Math.round(maxAge / 3_600_000)} hours: ${last}. Look at the log of "tenantry backup run".`,
    )
    process.exitCode = 1
  }
}
