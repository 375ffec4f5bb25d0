import type { StorageConfig } from '../config.ts'
import { createDiskStorage } from './disk-storage.ts'
import type { ObjectStorage } from './object-storage.ts'
import { createS3Storage } from './s3-storage.ts'

/** Connects to nothing before it is asked for something. */
export function openStorage(config: StorageConfig): ObjectStorage {
  return config.driver === 's3' ? createS3Storage(config) : createDiskStorage(config.dir)
}
