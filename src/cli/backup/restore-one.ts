import { inWords } from '../../backup/compare-counts.ts'
import { sumOfRows } from '../../backup/manifest.ts'
import { restoreBackup } from '../../backup/restore-backup.ts'
import { createProgress, print } from '../print.ts'
import { inBytes } from '../sizes.ts'
import type { Tools } from '../tools.ts'
import type { RestoreFlags } from './flags.ts'
import { requireUrl } from './require-url.ts'
import { readingOptions, withBackups } from './with-backups.ts'

export async function restoreOne(tools: Tools, wanted: string | undefined, flags: RestoreFlags): Promise<void> {
  const url = requireUrl('--to', flags.to)
  await withBackups(tools, async (backups) => {
    const progress = createProgress()
    const onProgress = (bytes: number) => progress(`${inBytes(bytes)} read`)
    const { manifest, differences } = await restoreBackup({ ...(await readingOptions(tools, backups)), onProgress }, wanted, url)
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
