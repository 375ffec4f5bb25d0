import type { ObjectStorage } from '../storage/object-storage.ts'
import { type BackupEntry, listBackups, listFolders } from './backup-store.ts'
import { hubOf } from './hub-of-backup.ts'
import { isOfFuture } from './overdue.ts'

/** The one of this name, or the newest, where all are of one hub. */
export async function findBackup(storage: ObjectStorage, name: string | undefined): Promise<BackupEntry> {
  if (name === undefined) return newestOf(storage, await listBackups(storage))
  // One that has lost its dump is there, and it is to be said what is wrong with it.
  const found = (await listFolders(storage)).find(({ entry }) => entry.name === name)?.entry
  if (!found) throw new Error(`There is no backup "${name}": tenantry backup list shows those there are.`)
  return found
}

async function newestOf(storage: ObjectStorage, backups: readonly BackupEntry[]): Promise<BackupEntry> {
  const newest = backups.find((backup) => !isOfFuture(backup, Date.now()))
  if (!newest) throw new Error('There is no backup yet: tenantry backup run makes one.')
  const hubs = new Set<string>()
  for (const { name } of backups) hubs.add((await hubOf(storage, name)) ?? '')
  hubs.delete('')
  if (hubs.size < 2) return newest
  throw new Error(
    `Backups of ${hubs.size} hubs lie there (${[...hubs].join(', ')}): say which one by its name. tenantry backup list shows whose each is.`,
  )
}
