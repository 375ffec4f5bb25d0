import { readIdentity } from '../../backup/read-identity.ts'
import type { VerifyOptions } from '../../backup/verify-backup.ts'
import type { StorageConfig } from '../../config.ts'
import { type ObjectStorage, StorageFailure, type StorageReason } from '../../storage/object-storage.ts'
import { openStorage } from '../../storage/open-storage.ts'
import type { Tools } from '../tools.ts'

export interface Backups {
  storage: ObjectStorage
  target: StorageConfig
}

/** Lends the place where backups are kept; what it fails with comes as one line that says what to look at. */
export async function withBackups<Result>({ config }: Tools, work: (backups: Backups) => Promise<Result>): Promise<Result> {
  const { target } = config().backup
  if (!target) throw new Error('BACKUP_BUCKET must be set, or BACKUP_DIR: that is where backups are kept.')
  const storage = await openStorage(target)
  try {
    return await work({ storage, target })
  } catch (error) {
    throw error instanceof StorageFailure ? inOneLine(error) : error
  } finally {
    await storage.close()
  }
}

/** What reading a backup takes. */
export async function readingOptions({ config, postgresFolders }: Tools, { storage }: Backups): Promise<VerifyOptions> {
  const { identityFile, signingKey } = config().backup
  return { storage, folders: postgresFolders(), identity: identityFile ? await readIdentity(identityFile) : undefined, signingKey }
}

export function inOneLine(error: StorageFailure): Error {
  const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : ''
  return new Error(remedies[error.reason] + cause, { cause: error })
}

const remedies: Record<StorageReason, string> = {
  unavailable: 'The place of backups does not answer: look at S3_ENDPOINT and S3_REGION, or at the folder of BACKUP_DIR.',
  full: 'There is no room for the backup: the disk of BACKUP_DIR is full, or the quota of BACKUP_BUCKET is used up. Nothing of it was kept.',
  refused:
    'The place of backups refuses: look at BACKUP_BUCKET, BACKUP_KMS_KEY, the keys and what their role may do, or at who owns the folder of BACKUP_DIR.',
  'broken-off': 'The connection to the place of backups broke off.',
  mismatch: 'The place of backups does not hand out what was put into it.',
  'unknown-upload': 'The place of backups forgets uploads that have begun.',
}
