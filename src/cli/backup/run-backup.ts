import { sumOfRows } from '../../backup/manifest.ts'
import { pruneBackups } from '../../backup/prune-backups.ts'
import { takeBackup } from '../../backup/take-backup.ts'
import { verifyBackup } from '../../backup/verify-backup.ts'
import { StorageFailure } from '../../storage/object-storage.ts'
import type { CommonFlags } from '../add-command.ts'
import { createProgress, print } from '../print.ts'
import { release } from '../release.ts'
import { inBytes } from '../sizes.ts'
import type { Tools } from '../tools.ts'
import { type Backups, readingOptions, withBackups } from './with-backups.ts'

export async function runBackup(tools: Tools, flags: CommonFlags): Promise<void> {
  const config = tools.config()
  const { recipient, target } = config.backup
  const kmsKey = target?.driver === 's3' ? target.kmsKey : undefined
  if (target?.driver === 's3' && !recipient && !kmsKey) {
    throw new Error('BACKUP_RECIPIENT must be set, or BACKUP_KMS_KEY: a backup goes into no bucket unless it is encrypted (docs/backups.md).')
  }
  await withBackups(tools, async (backups) => {
    const { storage } = backups
    const progress = createProgress()
    const { manifest, shrunkFrom } = await takeBackup({
      storage,
      databaseUrl: tools.databaseUrl(),
      folders: tools.postgresFolders(),
      recipient,
      kmsKey,
      signingKey: config.backup.signingKey,
      release: await release(),
      onProgress: (bytes) => progress(`${inBytes(bytes)} sent`),
    })
    if (shrunkFrom !== undefined) {
      console.error(
        `The backup has ${inBytes(manifest.stored.size)}, less than half of the one before (${inBytes(shrunkFrom)}): is that what you expect?`,
      )
    }
    const verified = await verifyWhereAllowed(tools, backups, manifest.name)
    const removed = target?.driver === 'disk' ? await pruneBackups(storage, { keepDays: config.backup.keepDays, hub: manifest.hub ?? undefined }) : []
    const { name, stored, tables } = manifest
    print(flags, { ...manifest, verified, shrunkFrom, removed }, () =>
      [
        `${name}: ${sumOfRows(manifest)} rows of ${Object.keys(tables).length} tables, ${inBytes(stored.size)}${recipient ? ', encrypted' : ''}`,
        verified ? said[verified] : 'not verified: this login may only add. Let one that may read run "tenantry backup verify".',
        ...(removed.length > 0 ? [`removed ${removed.length} that are older than ${config.backup.keepDays} days`] : []),
      ].join('\n'),
    )
  })
}

const said = {
  stored: 'verified: what is stored is what was written',
  read: 'verified: what is stored is what was written, and pg_restore reads it in full',
  restored: 'verified: restored into a database that works',
}

/** Undefined for a login that may add and do nothing else. */
async function verifyWhereAllowed(tools: Tools, backups: Backups, name: string) {
  try {
    return (await verifyBackup(await readingOptions(tools, backups), name)).how
  } catch (error) {
    if (error instanceof StorageFailure && error.reason === 'refused') return undefined
    throw error
  }
}
