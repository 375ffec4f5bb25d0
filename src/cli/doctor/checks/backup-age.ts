import { type BackupEntry, listBackups } from '../../../backup/backup-store.ts'
import { isOverdue, newestVerified } from '../../../backup/overdue.ts'
import { openStorage } from '../../../storage/open-storage.ts'
import { type Check, ok, type Patient, problem, type Remark, skipped } from '../check.ts'

/** Whether the newest backup that has been read back whole is young enough. */
export const backupAge: Check = {
  name: 'backups',
  async run(patient) {
    const { target } = patient.config.backup
    if (!target) return [skipped('neither BACKUP_BUCKET nor BACKUP_DIR is set here')]
    const storage = await openStorage(target)
    try {
      return [judge(await listBackups(storage), patient)]
    } finally {
      await storage.close()
    }
  },
}

function judge(backups: readonly BackupEntry[], { now }: Patient): Remark {
  const remedy = 'Run "tenantry backup run", and see why the nightly one did not.'
  const newest = newestVerified(backups)
  if (!newest) return problem('there is no verified backup', remedy)
  const hours = Math.round((now() - newest.takenAt.getTime()) / 360_000) / 10
  return isOverdue(backups, now())
    ? problem(`the newest verified backup is ${hours} hours old`, remedy)
    : ok(`the newest verified one is ${hours} hours old`)
}
