import type { ObjectStorage } from '../storage/object-storage.ts'
import { writeFailure } from './backup-store.ts'
import { ManifestFault } from './manifest.ts'
import { asFaultOf, BackupFault } from './open-stored.ts'

/** What is found wrong with a backup comes as one line that names it, and is noted, so that it counts as verified no more. */
export async function notingFaults<Result>(storage: ObjectStorage, name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const told = asFaultOf(name, error)
    // A place that takes no note makes it no better.
    if (isItsOwn(error)) await writeFailure(storage, name, String(told instanceof Error ? told.message : told)).catch(() => {})
    throw told
  }
}

function isItsOwn(error: unknown): boolean {
  return error instanceof ManifestFault || (error instanceof BackupFault && error.broken)
}
