import type { StorageConfig } from '../../config.ts'
import { type ObjectStorage, StorageFailure, type StorageReason } from '../../storage/object-storage.ts'
import { openStorage } from '../../storage/open-storage.ts'

/** Where something is kept, in the words of an operator. */
export interface Place {
  /** As a sentence begins with it. */
  name: string
  /** The variables of its bucket. */
  bucket: string
  /** The variable of its folder. */
  folder: string
  /** What to say where nothing more goes in. */
  full: string
}

/** Lends what is kept there; what it fails with comes as one line that says what to look at. */
export function lendStorage<Result>(config: StorageConfig, place: Place, work: (storage: ObjectStorage) => Promise<Result>): Promise<Result> {
  return withRemedies(place, async () => {
    const storage = await openStorage(config)
    try {
      return await work(storage)
    } finally {
      await storage.close()
    }
  })
}

export async function withRemedies<Result>(place: Place, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StorageFailure ? inOneLine(error, place) : error
  }
}

export function inOneLine(error: StorageFailure, place: Place): Error {
  const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : ''
  return new Error(remedies(place)[error.reason] + cause, { cause: error })
}

function remedies({ name, bucket, folder, full }: Place): Record<StorageReason, string> {
  return {
    unavailable: `${name} does not answer: look at S3_ENDPOINT and S3_REGION, or at the folder of ${folder}.`,
    full,
    refused: `${name} refuses: look at ${bucket}, the keys and what their role may do, or at who owns the folder of ${folder}.`,
    'broken-off': `${name} broke the connection off.`,
    mismatch: `${name} does not hand out what was put into it.`,
    'unknown-upload': `${name} forgets uploads that have begun.`,
  }
}
