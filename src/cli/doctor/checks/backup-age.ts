import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupEntry } from '../../../backup/backup-store.ts'
import { isOverdue, newestVerified } from '../../../backup/overdue.ts'
import { openStorage } from '../../../storage/open-storage.ts'
import { type Check, ok, type Patient, problem, type Remark, skipped, warning } from '../check.ts'

/** Whether the newest backup that has been read back whole is young enough. */
export const backupAge: Check = {
  name: 'backups',
  async run(patient) {
    const { target } = patient.config.backup
    if (!target) return [skipped('neither BACKUP_BUCKET nor BACKUP_DIR is set here')]
    const storage = await openStorage(target)
    try {
      const age = judge(await newestVerified(storage, { hub: await hubOf(patient), now: patient.now() }), patient)
      return target.driver === 'disk' ? [age, ...(await openRemarks(target.dir))] : [age]
    } finally {
      await storage.close()
    }
  },
}

/** Where the database does not answer all that lies there counts: others say what is wrong with it. */
async function hubOf({ database }: Patient): Promise<string | undefined> {
  try {
    return (await database().directory.tenant.findFirst({ where: { kind: 'platform' }, select: { id: true } }))?.id
  } catch {
    return undefined
  }
}

function judge(newest: BackupEntry | undefined, { now }: Patient): Remark {
  const remedy = 'Run "tenantry backup run", and see why the nightly one did not.'
  if (!newest) return problem('there is no verified backup', remedy)
  const hours = Math.round((now() - newest.takenAt.getTime()) / 360_000) / 10
  return isOverdue(newest, now())
    ? problem(`the newest verified backup is ${hours} hours old`, remedy)
    : ok(`the newest verified one is ${hours} hours old`)
}

/** As they were made by releases before, or copied there. */
async function openRemarks(dir: string): Promise<Remark[]> {
  const top = join(dir, 'objects')
  for (const folder of [dir, top]) if (await isClosed(folder, 0o077)) return []
  for (const path of await readdir(top, { recursive: true }).catch(() => [])) {
    if (!(await isClosed(join(top, path), 0o044)))
      return [warning('others on this machine may read backups', `Close the folder of BACKUP_DIR to them: chmod -R go= ${dir}`)]
  }
  return []
}

async function isClosed(path: string, bits: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return !found || (found.mode & bits) === 0
}
