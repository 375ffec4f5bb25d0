import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Check, ok, type Patient, problem, type Remark, skipped } from '../check.ts'

/** Nightly, and two hours of grace. Milliseconds. */
const oldest = 26 * 3_600_000

/** When the newest backup was made that has been read back whole: `backups/<yyyymmddThhmmssZ>-<8 hex>/verified.json`. */
export const backupAge: Check = {
  name: 'backups',
  async run(patient) {
    const { BACKUP_DIR, BACKUP_BUCKET } = patient.env
    if (BACKUP_BUCKET) return [skipped('BACKUP_BUCKET is looked at by "tenantry backup list"')]
    if (!BACKUP_DIR) return [skipped('neither BACKUP_BUCKET nor BACKUP_DIR is set here')]
    return judge(await newestVerified(BACKUP_DIR), patient)
  },
}

function judge(newest: number | undefined, { now }: Patient): Remark[] {
  const remedy = 'Run "tenantry backup run", and see why the nightly one did not.'
  if (newest === undefined) return [problem('there is no verified backup', remedy)]
  const hours = Math.round((now() - newest) / 360_000) / 10
  return [
    now() - newest > oldest
      ? problem(`the newest verified backup is ${hours} hours old`, remedy)
      : ok(`the newest verified one is ${hours} hours old`),
  ]
}

async function newestVerified(folder: string): Promise<number | undefined> {
  const names = await readdir(join(folder, 'backups')).catch(() => [])
  for (const name of names.toSorted().reverse()) {
    const madeAt = momentOf(name)
    if (madeAt !== undefined && (await stat(join(folder, 'backups', name, 'verified.json')).catch(() => undefined))) return madeAt
  }
  return undefined
}

function momentOf(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}$/.exec(name) ?? []
  return year ? Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) : undefined
}
