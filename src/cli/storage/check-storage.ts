import type { StorageConfig } from '../../config.ts'
import { applyBucket, checkBucket, type Finding, type Outcome } from '../../storage/check-bucket.ts'
import { probeStorage } from '../../storage/probe-storage.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { withRemedy, withStorage } from './with-storage.ts'

export async function checkStorage(config: StorageConfig, flags: CommonFlags): Promise<void> {
  await withStorage(config, probeStorage)
  const findings = config.driver === 's3' ? await withRemedy(() => checkBucket(config)) : []
  const value = { storage: config.driver === 's3' ? config.bucket : config.dir, works: true, findings }
  print(flags, value, () =>
    config.driver === 'disk'
      ? `${config.dir}: files are written, read and removed`
      : `${config.bucket}: objects are written, read and removed, whole and in parts\n${told(findings)}`,
  )
  judge(findings, flags)
}

export async function applyStorage(config: StorageConfig, flags: CommonFlags): Promise<void> {
  if (config.driver === 'disk') throw new Error('S3_BUCKET must be set: a folder has nothing to set.')
  const findings = await withRemedy(() => applyBucket(config))
  print(flags, { storage: config.bucket, findings }, () => told(findings))
  judge(findings, flags)
}

const said: Record<Outcome, string> = {
  holds: 'ok      ',
  set: 'set     ',
  lacks: 'MISSING ',
  unknown: 'unknown ',
  plain: 'plain   ',
  refused: 'REFUSED ',
}

function told(findings: readonly Finding[]): string {
  return [
    ...findings.map(({ name, wants, outcome }) => `${said[outcome]}${name}: the bucket ${wants}`),
    ...(some(findings, 'unknown') ? ['\nThe server knows no such setting as the unknown ones.'] : []),
    ...(some(findings, 'plain') ? ['\nS3_ENDPOINT is one without TLS: a bucket that refuses that would refuse the service too.'] : []),
  ].join('\n')
}

function judge(findings: readonly Finding[], { json = false }: CommonFlags): void {
  if (!json && some(findings, 'lacks')) console.error('\ntenantry storage apply sets what is missing, by a login that may.')
  if (!json && some(findings, 'refused'))
    console.error('\nThis login may not look at what is refused, or not set it: docs/storage.md lists what it needs.')
  if (some(findings, 'lacks') || some(findings, 'refused')) process.exitCode = 1
}

function some(findings: readonly Finding[], outcome: Outcome): boolean {
  return findings.some((finding) => finding.outcome === outcome)
}
