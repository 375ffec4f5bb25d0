import { type BackupEntry, listBackups, readManifest } from '../../backup/backup-store.ts'
import { sumOfRows } from '../../backup/manifest.ts'
import { newestVerified } from '../../backup/overdue.ts'
import { type ObjectStorage, StorageFailure } from '../../storage/object-storage.ts'
import { print } from '../print.ts'
import { inBytes } from '../sizes.ts'
import { table } from '../table.ts'
import type { Tools } from '../tools.ts'
import type { ListFlags } from './flags.ts'
import { withBackups } from './with-backups.ts'

type Shown = BackupEntry & { tables: number | undefined; rows: number | undefined; fault: string | undefined }

export async function showBackups(tools: Tools, flags: ListFlags): Promise<void> {
  await withBackups(tools, async ({ storage }) => {
    const backups = await listBackups(storage)
    const shown: Shown[] = []
    for (const entry of backups) shown.push({ ...entry, ...(await readFacts(storage, entry.name)) })
    print(flags, shown, () => (shown.length > 0 ? table([head, ...shown.map(line)]) : 'There is no backup yet: tenantry backup run makes one.'))
    if (flags.maxAge !== undefined) requireYoung(backups, flags.maxAge)
  })
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
async function readFacts(storage: ObjectStorage, name: string): Promise<Pick<Shown, 'tables' | 'rows' | 'fault'>> {
  const nothing = { tables: undefined, rows: undefined, fault: undefined }
  try {
    const manifest = await readManifest(storage, name)
    return { ...nothing, tables: Object.keys(manifest.tables).length, rows: sumOfRows(manifest) }
  } catch (error) {
    if (error instanceof StorageFailure && error.reason === 'refused') return nothing
    if (error instanceof StorageFailure || !(error instanceof Error)) throw error
    return { ...nothing, fault: error.message }
  }
}

function requireYoung(backups: readonly BackupEntry[], maxAge: number): void {
  const newest = newestVerified(backups)
  if (newest && Date.now() - newest.takenAt.getTime() <= maxAge) return
  const hours = Math.round(maxAge / 3_600_000)
  const last = newest ? `the newest, ${newest.name}, is older` : 'there is none'
  console.error(`No verified backup is younger than ${hours} hours: ${last}. Look at the log of "tenantry backup run".`)
  process.exitCode = 1
}
