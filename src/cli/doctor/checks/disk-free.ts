import { access, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Check, ok, type Patient, problem, type Remark, skipped, warning } from '../check.ts'

const gigabyte = 1024 ** 3

/** The folders that this machine itself keeps something in. */
export const diskFree: Check = {
  name: 'disk',
  async run(patient) {
    const folders = foldersOf(patient)
    if (folders.length === 0) return [skipped('nothing is kept on disks of this machine')]
    return Promise.all(folders.map(([variable, folder]) => look(variable, folder)))
  },
}

function foldersOf({ config }: Patient): [string, string][] {
  const backups = config.backup.target
  return [
    ...(config.production ? [] : [['DATA_DIR', config.dataDir] as [string, string]]),
    ...(config.storage.driver === 'disk' ? [['STORAGE_DIR', config.storage.dir] as [string, string]] : []),
    ...(backups?.driver === 'disk' ? [['BACKUP_DIR', backups.dir] as [string, string]] : []),
  ]
}

async function look(variable: string, folder: string): Promise<Remark> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(await nearest(resolve(folder)))
  const [free, share] = [bavail * bsize, blocks > 0 ? bavail / blocks : 1]
  const said = `${variable} has ${(free / gigabyte).toFixed(1)} GB free (${Math.round(share * 100)} %)`
  const remedy = `Make room on the disk of ${folder}, or move it.`
  // A disk can be full of names, too.
  if (files > 0 && ffree / files < 0.01) return problem(`${variable} has no room for more files`, remedy)
  if (free < gigabyte / 4 || share < 0.01) return problem(said, remedy)
  return free < gigabyte || share < 0.05 ? warning(said, remedy) : ok(said)
}

/** A folder that is not there yet will be made on the disk of the one above it. */
async function nearest(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  return isThere || folder === dirname(folder) ? folder : nearest(dirname(folder))
}
