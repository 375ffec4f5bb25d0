import type { Command } from 'commander'
import type { StorageConfig } from '../config.ts'
import { applyBucket, checkBucket, type Finding, type Outcome } from '../storage/check-bucket.ts'
import { type ObjectStorage, StorageFailure, type StorageReason } from '../storage/object-storage.ts'
import { openStorage } from '../storage/open-storage.ts'
import { probeStorage } from '../storage/probe-storage.ts'
import { addReport, type LendDatabase } from './storage-report.ts'

interface Flags {
  json?: boolean
}

export function addStorageCommands(program: Command, readConfig: () => StorageConfig, withDatabase: LendDatabase): void {
  const storage = program.command('storage').description('where brand files and media are kept')
  storage
    .command('check')
    .description('try it out, and compare a bucket with what it should be; ends with 1 where something is missing')
    .option('--json', 'for programs: each setting of the bucket, and how it stands')
    .action((flags: Flags) => withRemedy(() => check(readConfig(), flags)))
  storage
    .command('apply')
    .description('set what a bucket lacks, as far as its server supports it; needs a login that may change the bucket')
    .action(() => withRemedy(() => apply(readConfig())))
  addReport(storage, withDatabase, (work) => withRemedy(() => withStorage(readConfig(), work)))
}

async function check(config: StorageConfig, { json = false }: Flags): Promise<void> {
  await withStorage(config, probeStorage)
  const findings = config.driver === 's3' ? await checkBucket(config) : []
  if (json) console.log(JSON.stringify({ storage: config.driver === 's3' ? config.bucket : config.dir, works: true, findings }, null, 2))
  else if (config.driver === 'disk') console.log(`${config.dir}: files are written, read and removed`)
  else print(findings, `${config.bucket}: objects are written, read and removed, whole and in parts\n`)
  judge(findings)
}

async function apply(config: StorageConfig): Promise<void> {
  if (config.driver === 'disk') throw new Error('S3_BUCKET must be set: a folder has nothing to set.')
  const findings = await applyBucket(config)
  print(findings)
  judge(findings)
}

function judge(findings: readonly Finding[]): void {
  if (findings.some(({ outcome }) => outcome === 'lacks' || outcome === 'refused')) process.exitCode = 1
}

const said: Record<Outcome, string> = {
  holds: 'ok      ',
  set: 'set     ',
  lacks: 'MISSING ',
  unknown: 'unknown ',
  plain: 'plain   ',
  refused: 'REFUSED ',
}

function print(findings: readonly Finding[], head = ''): void {
  process.stdout.write(head)
  for (const { name, wants, outcome } of findings) console.log(`${said[outcome]}${name}: the bucket ${wants}`)
  const some = (outcome: Outcome) => findings.some((finding) => finding.outcome === outcome)
  if (some('unknown')) console.log('\nThe server knows no such setting as the unknown ones.')
  if (some('plain')) console.log('\nS3_ENDPOINT is one without TLS: a bucket that refuses that would refuse the service too.')
  if (some('lacks')) console.error('\ntenantry storage apply sets what is missing, by a login that may.')
  if (some('refused')) console.error('\nThis login may not look at what is refused, or not set it: docs/storage.md lists what it needs.')
}

async function withStorage<Result>(config: StorageConfig, work: (storage: ObjectStorage) => Promise<Result>): Promise<Result> {
  const storage = await openStorage(config)
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

async function withRemedy<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error
    const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : ''
    throw new Error(remedies[error.reason] + cause, { cause: error })
  }
}

const remedies: Record<StorageReason, string> = {
  unavailable: 'The storage does not answer: look at S3_ENDPOINT and S3_REGION, or at the folder of STORAGE_DIR.',
  full: 'The storage is full.',
  refused: 'The storage refuses: look at S3_BUCKET, the keys and what their role may do, or at who owns the folder of STORAGE_DIR.',
  'broken-off': 'The connection to the storage broke off.',
  mismatch: 'The storage does not hand out what was put into it.',
  'unknown-upload': 'The storage forgets uploads that have begun.',
}
