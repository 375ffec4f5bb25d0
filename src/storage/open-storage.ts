import type { StorageConfig } from '../config.ts'
import { createDiskStorage } from './disk-storage.ts'
import type { ObjectStorage } from './object-storage.ts'

/** Connects to nothing before it is asked for something. What speaks to buckets is loaded only where there is one: it takes 30 MB of memory. */
export async function openStorage(config: StorageConfig): Promise<ObjectStorage> {
  if (config.driver === 'disk') return createDiskStorage(config.dir, config)
  const { createS3Storage } = await import('./s3-storage.ts')
  return createS3Storage(config)
}
