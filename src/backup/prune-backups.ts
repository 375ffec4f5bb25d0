import type { ObjectStorage } from '../storage/object-storage.ts'
import { backupsPrefix } from './backup-name.ts'
import { listFolders } from './backup-store.ts'
import { mayBeOf } from './hub-of-backup.ts'
import { newestVerified } from './overdue.ts'

const day = 24 * 60 * 60_000

export interface PruneOptions {
  keepDays: number
  /** Those of others are left to them. */
  hub?: string | undefined
  now?: number
}

/**
 * For a folder, which has no lifecycle: removes backups that are older, never the newest verified one, and what broke off a day ago or earlier. Answers
 * the names that are gone.
 */
export async function pruneBackups(storage: ObjectStorage, { keepDays, hub, now = Date.now() }: PruneOptions): Promise<string[]> {
  const folders = await listFolders(storage)
  const kept = (await newestVerified(storage, { hub, now }))?.name
  const old = folders.filter(({ whole, entry }) => entry.name !== kept && now - entry.takenAt.getTime() > (whole ? keepDays : 1) * day)
  const removed: string[] = []
  for (const { entry } of old) {
    if (!(await mayBeOf(storage, entry.name, hub))) continue
    await removeBackup(storage, entry.name)
    removed.push(entry.name)
  }
  await storage.sweep(new Date(now - day), backupsPrefix)
  return removed
}

/** The manifest first: without it the rest is no backup. */
export async function removeBackup(storage: ObjectStorage, name: string): Promise<void> {
  const keys = (await Array.fromAsync(storage.list(`${backupsPrefix}${name}/`))).map(({ key }) => key)
  await storage.remove(keys.filter((key) => key.endsWith('/manifest.json')))
  await storage.remove(keys.filter((key) => !key.endsWith('/manifest.json')))
}
