import { findBackup } from '../../backup/find-backup.ts'
import { verifyBackup } from '../../backup/verify-backup.ts'
import type { CommonFlags } from '../add-command.ts'
import { createProgress, print } from '../print.ts'
import { inBytes } from '../sizes.ts'
import type { Tools } from '../tools.ts'
import { readingOptions, withBackups } from './with-backups.ts'

export async function verifyOne(tools: Tools, wanted: string | undefined, flags: CommonFlags): Promise<void> {
  await withBackups(tools, async (backups) => {
    const { name, size } = await findBackup(backups.storage, wanted)
    const progress = createProgress()
    const onProgress = (bytes: number) => progress(`${inBytes(bytes)} of ${inBytes(size)} read`)
    const verification = await verifyBackup({ ...(await readingOptions(tools, backups)), onProgress }, name)
    print(flags, { name, ...verification }, () =>
      verification.how === 'stored'
        ? `${name}: what is stored is what was written. It is encrypted: with BACKUP_IDENTITY_FILE pg_restore would read it too.`
        : `${name}: what is stored is what was written${verification.how === 'read' ? ', and pg_restore reads it in full' : '; a drill has restored it'}`,
    )
  })
}
