import type { StorageConfig } from '../../config.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { lendStorage, type Place, withRemedies } from './lend-storage.ts'

const place: Place = { name: 'The storage', bucket: 'S3_BUCKET', folder: 'STORAGE_DIR', full: 'The storage is full.' }

/** Lends where brand files and media are kept. */
export function withStorage<Result>(config: StorageConfig, work: (storage: ObjectStorage) => Promise<Result>): Promise<Result> {
  return lendStorage(config, place, work)
}

export function withRemedy<Result>(work: () => Promise<Result>): Promise<Result> {
  return withRemedies(place, work)
}
