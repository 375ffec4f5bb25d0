import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newBackupName } from '../../src/backup/backup-name.ts'
import { pruneBackups } from '../../src/backup/prune-backups.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const day = 24 * 3_600_000

t.test('a folder loses what is older, never the newest verified backup, and what broke off a day ago', async (t) => {
  const dir = await temporaryFolder(t)
  const add = async (daysAgo: number, files: readonly string[]) => {
    const name = newBackupName(new Date(Date.now() - daysAgo * day))
    const folder = join(dir, 'objects', 'backups', name)
    await mkdir(folder, { recursive: true })
    for (const file of files) await writeFile(join(folder, file), '{}')
    return name
  }
  const whole = ['dump.pgc', 'manifest.json']
  const [older, verified, old] = [await add(50, [...whole, 'verified.json']), await add(40, [...whole, 'verified.json']), await add(35, whole)]
  const [young, broken, running] = [await add(20, whole), await add(2, ['dump.pgc']), await add(0.2, ['dump.pgc'])]
  const left = join(dir, 'incoming', 'left')
  await mkdir(join(dir, 'incoming'))
  await writeFile(left, 'half a dump')
  await utimes(left, new Date(0), new Date(Date.now() - 2 * day))
  const removed = await pruneBackups(createDiskStorage(dir), { keepDays: 30 })
  t.same(removed.sort(), [older, old, broken].sort())
  t.same((await readdir(join(dir, 'objects', 'backups'))).sort(), [verified, young, running].sort())
  t.same(await readdir(join(dir, 'incoming')), [])
})
