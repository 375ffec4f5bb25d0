import { mkdtemp, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { brokenBodies } from './broken-bodies.ts'
import { storageContract } from './contract.ts'

const root = await mkdtemp(join(tmpdir(), 'tenantry-disk-'))
storageContract(t, createDiskStorage(root))
brokenBodies(t, createDiskStorage(root), { driver: 'disk', dir: root })

t.test('folders that others remove as empty are made again, however often', async (t) => {
  const storage = createDiskStorage(root)
  for (let round = 0; round < 30; round++) {
    const works = Array.from({ length: 40 }, async (_, at) => {
      const key = `race/${round % 3}/${at % 4}/${at}`
      await storage.put(key, Buffer.from(key), { contentType: 'text/plain' })
      await storage.remove([key])
    })
    await Promise.all(works)
  }
  t.same(await Array.fromAsync(storage.list('race/')), [])
})

t.test('nothing is left on its way', async (t) => {
  t.same(await readdir(join(root, 'incoming')), [])
})

t.test('a closed one is its owner’s alone, whatever the mask', async (t) => {
  const before = process.umask(0)
  t.teardown(() => process.umask(before))
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
  for (const [closed, file, folder] of [
    [true, '600', '700'],
    [false, '666', '777'],
  ] as const) {
    const top = join(root, String(closed))
    await createDiskStorage(top, { closed }).put('a/b', Buffer.from('b'), { contentType: 'text/plain' })
    t.same([await modeOf(join(top, 'objects/a/b')), await modeOf(join(top, 'objects')), await modeOf(top)], [file, folder, folder])
  }
  t.match(loadConfig({ BACKUP_DIR: '/backups' }).backup.target, { closed: true }, 'that of backups is')
})
