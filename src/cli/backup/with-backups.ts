import { readIdentity } from '../../backup/read-identity.ts'
import type { VerifyOptions } from '../../backup/verify-backup.ts'
import type { StorageConfig } from '../../config.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { lendStorage, type Place } from '../storage/lend-storage.ts'
import type { Tools } from '../tools.ts'

export interface Backups {
  storage: ObjectStorage
  target: StorageConfig
}

export const placeOfBackups: Place = {
  name: 'The place of backups',
  bucket: 'BACKUP_BUCKET, BACKUP_KMS_KEY',
  folder: 'BACKUP_DIR',
  full: 'There is no room for the backup: the disk of BACKUP_DIR is full, or the quota of BACKUP_BUCKET is used up. Nothing of it was kept.',
}

/** Lends the place where backups are kept. */
export async function withBackups<Result>({ config }: Tools, work: (backups: Backups) => Promise<Result>): Promise<Result> {
  const { target } = config().backup
  if (!target) throw new Error('BACKUP_BUCKET must be set, or BACKUP_DIR: that is where backups are kept.')
  return lendStorage(target, placeOfBackups, (storage) => work({ storage, target }))
}

/** What reading a backup takes. */
export async function readingOptions({ config, postgresFolders }: Tools, { storage }: Backups): Promise<VerifyOptions> {
  const { identityFile, signingKey } = config().backup
  return { storage, folders: postgresFolders(), identity: identityFile ? await readIdentity(identityFile) : undefined, signingKey }
}
