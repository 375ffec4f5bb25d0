import { glob } from 'node:fs/promises'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { Test } from 'tap'
import type { StorageConfig } from '../../src/config.ts'
import { openS3Client, type S3Settings } from '../../src/storage/s3-client.ts'

/** What has come of objects that are not there yet, as the storage itself has it. */
export function underWay(t: Test, storage: StorageConfig): () => Promise<string[]> {
  return storage.driver === 's3' ? uploadsUnderWay(t, storage) : () => Array.fromAsync(glob('incoming/*', { cwd: storage.dir }))
}

/** Keys of multipart uploads of the bucket that are neither complete nor aborted. */
export function uploadsUnderWay(t: Test, settings: S3Settings): () => Promise<string[]> {
  const client = openS3Client(settings)
  t.teardown(() => client.destroy())
  return async () => {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: settings.bucket }))
    return Uploads.map(({ Key = '' }) => Key)
  }
}
