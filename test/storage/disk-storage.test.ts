import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { storageContract } from './contract.ts'

const root = await mkdtemp(join(tmpdir(), 'tenantry-disk-'))
storageContract(t, createDiskStorage(root))

t.test('nothing is left on its way', async (t) => {
  t.same(await readdir(join(root, 'incoming')), [])
})
