import { inWords } from '../../backup/compare-counts.ts'
import { sumOfRows } from '../../backup/manifest.ts'
import { restoreBackup } from '../../backup/restore-backup.ts'
import { interruptible } from '../interruptible.ts'
import { createProgress, print } from '../print.ts'
import { inBytes } from '../sizes.ts'
import type { Tools } from '../tools.ts'
import type { RestoreFlags } from './flags.ts'
import { requireUrl } from './require-url.ts'
import { readingOptions, withBackups } from './with-backups.ts'

export async function restoreOne(tools: Tools, wanted: string | undefined, flags: RestoreFlags): Promise<void> {
  const { restoreUrl } = tools.config().backup
  const url = flags.to === undefined ? restoreUrl : requireUrl('--to', flags.to)
  if (!url) throw new Error('RESTORE_DATABASE_URL must be set, or --to given: the empty database to restore into.')
  await withBackups(tools, async (backups) => {
    const progress = createProgress()
    const onProgress = (bytes: number) => progress(`${inBytes(bytes)} read`)
    const options = { ...(await readingOptions(tools, backups)), unsigned: flags.unsigned, onProgress }
    const { manifest, differences } = await interruptible((signal) => restoreBackup({ ...options, signal }, wanted, url))
    const { name, migration } = manifest
    const faults = differences.map(inWords)
    for (const fault of faults) console.error(fault)
    print(flags, { name, migration, rows: sumOfRows(manifest), differences }, () =>
      differences.length > 0
        ? `${name} is restored, and ${differences.length} tables are not as they were`
        : `${name} is restored: ${sumOfRows(manifest)} rows of ${Object.keys(manifest.tables).length} tables, as many as there were. Run "tenantry migrate" on it next.`,
    )
    if (differences.length > 0) process.exitCode = 1
  })
}
