import type { BackupEntry } from './backup-store.ts'

/** Nightly, and two hours for the night's own length. */
export const longestGap = 26 * 60 * 60_000

/** Of a list with the newest first. */
export function newestVerified(backups: readonly BackupEntry[]): BackupEntry | undefined {
  return backups.find(({ verified }) => verified)
}

/** Whether operators have to know: no verified backup is young enough. */
export function isOverdue(backups: readonly BackupEntry[], now: number): boolean {
  const newest = newestVerified(backups)
  return !newest || now - newest.takenAt.getTime() > longestGap
}
