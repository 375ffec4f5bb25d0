import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DrillReport, drillBackup, type Proof } from '../../backup/drill/drill-backup.ts'
import type { Config } from '../../config.ts'
import { interruptible } from '../interruptible.ts'
import { createProgress, print } from '../print.ts'
import { inSeconds } from '../sizes.ts'
import { inOneLine } from '../storage/lend-storage.ts'
import { table } from '../table.ts'
import type { Tools } from '../tools.ts'
import type { DrillFlags } from './flags.ts'
import { proveSecrets } from './prove-secrets.ts'
import { requireUrl } from './require-url.ts'
import { signInApart } from './sign-in-apart.ts'
import { placeOfBackups, readingOptions, withBackups } from './with-backups.ts'

export async function drillOne(tools: Tools, name: string | undefined, flags: DrillFlags): Promise<void> {
  const config = tools.config()
  const into = flags.into === undefined ? config.backup.restoreUrl : requireUrl('--into', flags.into)
  await withBackups(tools, async (backups) => {
    const options = { ...(await readingOptions(tools, backups)), unsigned: flags.unsigned }
    const onStep = createProgress()
    const began = performance.now()
    const { unnoted, ...report } = await interruptible((signal) =>
      withServer(into, signal, (serverUrl) => drillBackup(options, { name, serverUrl, proofs: proofsOf(config), onStep, signal })),
    )
    const milliseconds = Math.round(performance.now() - began)
    print(flags, { ...report, noted: !unnoted, milliseconds }, () => told(report, milliseconds))
    for (const fault of report.faults) console.error(`  ${fault}`)
    for (const copy of report.left) console.error(`A drill that was killed has left a whole copy on that server: drop database ${copy}.`)
    if (unnoted) console.error(`It could not be noted beside the backup. ${inOneLine(unnoted, placeOfBackups).message}`)
    if (report.faults.length > 0) process.exitCode = 1
  })
}

function proofsOf(config: Config): Proof[] {
  const secrets = { name: 'secrets', prove: (databaseUrl: string) => proveSecrets(config, databaseUrl) }
  // Last, because it changes the copy.
  return [...(config.secretKeys.length > 0 ? [secrets] : []), { name: 'sign-in', prove: (databaseUrl) => signInApart({ config, databaseUrl }) }]
}

function told({ name, tables, rows, steps, faults }: Omit<DrillReport, 'unnoted'>, milliseconds: number): string {
  const times = table([['step', 'time'], ...steps.map((step) => [step.name, inSeconds(step.milliseconds)]), ['all', inSeconds(milliseconds)]])
  const verdict = faults.length === 0 ? 'The service works on it.' : `${faults.length} things did not hold:`
  return `${name}: ${rows} rows of ${tables} tables\n\n${times}\n\n${verdict}`
}

/** The one that was given, or one that lives for as long as the drill. */
async function withServer<Result>(into: string, signal: AbortSignal, work: (serverUrl: string) => Promise<Result>): Promise<Result> {
  if (into) return work(into)
  const { startEmbeddedPostgres } = await import('../../embedded/postgres.ts')
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-drill-'))
  // Started by root, PostgreSQL runs as another user, who has to get in here.
  await chmod(dataDir, 0o755)
  try {
    const server = await startEmbeddedPostgres({ dataDir }).catch((cause) => {
      throw signal.aborted
        ? signal.reason
        : new Error(`No PostgreSQL could be started for the drill: give an empty one by --into (${cause.message})`, { cause })
    })
    return await work(server.url('postgres')).finally(() => server.stop())
  } finally {
    // Where its user may not enter here, its files are elsewhere.
    const home = await readFile(join(dataDir, 'postgres/location'), 'utf8').catch(() => '')
    for (const folder of [home, dataDir].filter(Boolean)) await rm(folder, { recursive: true, force: true })
  }
}
