import type { StorageConfig } from '../../config.ts'
import { type ObjectStorage, StorageFailure, type StorageReason } from '../../storage/object-storage.ts'
import { openStorage } from '../../storage/open-storage.ts'

/** Lends the storage; what it fails with comes as one line that says what to look at. */
export function withStorage<Result>(config: StorageConfig, work: (storage: ObjectStorage) => Promise<Result>): Promise<Result> {
  return withRemedy(async () => {
    const storage = await openStorage(config)
    try {
      return await work(storage)
    } finally {
      await storage.close()
    }
  })
}

export async function withRemedy<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error
    const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : ''
    throw new Error(remedies[error.reason] + cause, { cause: error })
  }
}

const remedies: Record<StorageReason, string> = {
  unavailable: 'The storage does not answer: look at S3_ENDPOINT and S3_REGION, or at the folder of STORAGE_DIR.',
  full: 'The storage is full.',
  refused: 'The storage refuses: look at S3_BUCKET, the keys and what their role may do, or at who owns the folder of STORAGE_DIR.',
  'broken-off': 'The connection to the storage broke off.',
  mismatch: 'The storage does not hand out what was put into it.',
  'unknown-upload': 'The storage forgets uploads that have begun.',
}
