import type { Command } from 'commander'
import type { StorageConfig } from '../config.ts'
import { applyBucket, checkBucket, type Finding, type Outcome } from '../storage/check-bucket.ts'
import { type ObjectStorage, StorageFailure, type StorageReason } from '../storage/object-storage.ts'
import { openStorage } from '../storage/open-storage.ts'
import { probeStorage } from '../storage/probe-storage.ts'
import { addReport, type LendDatabase } from './storage-report.ts'

export function addStorageCommands(program: Command, readConfig: () => StorageConfig, withDatabase: LendDatabase): void {
  const storage = program.command('storage').description('where brand files and media are kept')
  storage
    .command('check')
    .description('try it out, and compare a bucket with what it should be; ends with 1 where something is missing')
    .action(() => withRemedy(() => check(readConfig())))
  storage
    .command('apply')
    .description('set what a bucket lacks, as far as its server supports it; needs a login that may change the bucket')
    .action(() => withRemedy(() => apply(readConfig())))
  addReport(storage, withDatabase, (work) => withRemedy(() => withStorage(readConfig(), work)))
}

async function check(config: StorageConfig): Promise<void> {
  await withStorage(config, probeStorage)
  if (config.driver === 'disk') return console.log(`${config.dir}: files are written, read and removed`)
  console.log(`${config.bucket}: objects are written, read and removed, whole and in parts`)
  print(await checkBucket(config))
}

async function apply(config: StorageConfig): Promise<void> {
  if (config.driver === 'disk') throw new Error('S3_BUCKET must be set: a folder has nothing to set.')
  print(await applyBucket(config))
}

const said: Record<Outcome, string> = {
  holds: 'ok      ',
  set: 'set     ',
  lacks: 'MISSING ',
  unknown: 'unknown ',
  refused: 'REFUSED ',
}

function print(findings: readonly Finding[]): void {
  for (const { name, wants, outcome } of findings) console.log(`${said[outcome]}${name}: the bucket ${wants}`)
  const some = (outcome: Outcome) => findings.some((finding) => finding.outcome === outcome)
  if (some('unknown')) console.log('\nThe server knows no such setting as the unknown ones.')
  if (some('lacks')) console.error('\ntenantry storage apply sets what is missing, by a login that may.')
  if (some('refused')) console.error('\nThis login may not look at what is refused, or not set it: docs/storage.md lists what it needs.')
  if (some('lacks') || some('refused')) process.exitCode = 1
}

async function withStorage<Result>(config: StorageConfig, work: (storage: ObjectStorage) => Promise<Result>): Promise<Result> {
  const storage = openStorage(config)
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
