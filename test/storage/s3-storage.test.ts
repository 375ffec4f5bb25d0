import t from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { storageContract } from './contract.ts'
import { startS3 } from './s3-server.ts'

const server = await startS3(t)
if (server) {
  const storage = createS3Storage(server.settings)
  t.teardown(() => storage.close())
  storageContract(t, storage)
}
