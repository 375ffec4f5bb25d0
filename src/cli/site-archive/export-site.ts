import { pipeline } from 'node:stream/promises'
import { sealedFields } from '../../platform/reseal-secrets.ts'
import { type Exported, exportSite } from '../../site-archive/export-site.ts'
import type { CommonFlags } from '../add-command.ts'
import { interruptible } from '../interruptible.ts'
import { createProgress, print } from '../print.ts'
import { release } from '../release.ts'
import type { Tools } from '../tools.ts'
import { requireFree, standard, writeFileWhole } from './archive-file.ts'
import { lockOf, type PassphraseFlags } from './archive-keys.ts'
import { nameObjects } from './name-objects.ts'

export interface ExportFlags extends CommonFlags, PassphraseFlags {
  to: string
  recipient?: string[]
  withoutUnreadable?: boolean
  withoutMissing?: boolean
}

export async function exportToFile(tools: Tools, slug: string, { to, json, ...flags }: ExportFlags): Promise<void> {
  const { siteArchive } = tools.config()
  if (to === standard && json) throw new Error('--json goes with a file: the standard output is the archive.')
  if (to === standard && process.stdout.isTTY) throw new Error('An archive is nothing for a terminal: give --to a file, or a pipe.')
  if (to !== standard) await requireFree(to)
  const lock = await lockOf(flags, siteArchive.passphrase)
  const seals = { box: await tools.secretBox(), fields: sealedFields }
  const words = to === standard ? 'Stopped: what came out is no whole archive.' : undefined
  const exported = await interruptible(
    (signal) =>
      tools.withStorage((storage) =>
        tools.withOwner(async (owner) =>
          exportSite(
            { owner, storage, seals, naming: nameObjects, lock, release: await release(), progress: createProgress() },
            { slug, ...flags },
            (archive) => (to === standard ? pipeline(archive, process.stdout, { signal, end: false }) : writeFileWhole(to, archive, signal)),
          ),
        ),
      ),
    words,
  )
  if (to === standard) console.error(told(exported, 'the standard output'))
  else print({ json: json ?? false }, shape(exported), () => told(exported, to))
}

function shape({ manifest, ...rest }: Exported) {
  const { archive, site, head, exportedAt, tables } = manifest
  return {
    archive,
    site: { id: site.id, slug: site.slug },
    head,
    exportedAt,
    rows: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])),
    ...rest,
  }
}

function told({ manifest, objects, objectBytes, unreadable, missing }: Exported, to: string): string {
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  return [
    `${manifest.site.slug}: ${rows} rows and ${objects} objects of ${Math.ceil(objectBytes / 1024 ** 2)} MB are in ${to}`,
    ...unreadable.map((what) => `  nobody can read ${what}`),
    ...missing.map((key) => `  without ${key}`),
  ].join('\n')
}
