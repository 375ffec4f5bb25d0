import type { ObjectStorage } from '../storage/object-storage.ts'
import { type BackupEntry, listBackups } from './backup-store.ts'
import { mayBeOf } from './hub-of-backup.ts'

/** Nightly, and two hours for the night's own length. */
export const longestGap = 26 * 60 * 60_000
/** Clocks differ a little. */
const mostAhead = 60 * 60_000

export interface Watch {
  /** Whose backups count, where others lie beside them. Undefined: all do. */
  hub: string | undefined
  now: number
}

/** What says that it is still to be made says nothing of the past night. */
export function isOfFuture({ takenAt }: BackupEntry, now: number): boolean {
  return takenAt.getTime() > now + mostAhead
}

export async function newestVerified(storage: ObjectStorage, { hub, now }: Watch): Promise<BackupEntry | undefined> {
  for (const backup of await listBackups(storage)) {
    if (backup.verified && !isOfFuture(backup, now) && (await mayBeOf(storage, backup.name, hub))) return backup
  }
  return undefined
}

/** Whether operators have to know: no verified backup is young enough. */
export function isOverdue(newest: BackupEntry | undefined, now: number): boolean {
  return !newest || now - newest.takenAt.getTime() > longestGap
}
