import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { storageContract } from './contract.ts'

const root = await mkdtemp(join(tmpdir(), 'tenantry-disk-'))
storageContract(t, createDiskStorage(root))

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
