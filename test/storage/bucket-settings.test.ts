import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import { lifecycle } from '../../src/storage/bucket-lifecycle.ts'
import { applyBucket, checkBucket, type Finding } from '../../src/storage/check-bucket.ts'
import { openS3Client } from '../../src/storage/s3-client.ts'
import { startRecordingS3 } from './recording-s3.ts'

const ours = lifecycle.map(({ ID }) => `lifecycle ${ID}`)
const names = ['public access', 'encryption', 'versions', ...ours, 'cors']
const closed = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }
/** Of other people, who use the bucket too. */
const theirs: LifecycleRule[] = [
  { ID: 'reports', Status: 'Enabled', Filter: { Prefix: 'reports/' }, Expiration: { Days: 7 } },
  { ID: 'exports', Status: 'Disabled', Filter: { Tag: { Key: 'export', Value: 'done' } }, Expiration: { Days: 1 } },
]

t.test('a bucket that has nothing lacks all of it; applying sets it, once, and then it holds', async (t) => {
  const bucket = await openBucket(t)
  t.same(await bucket.check(), all('lacks'))
  t.same(bucket.written(), [], 'whoever looks sets nothing')
  t.same(await bucket.apply(), all('set'))
  t.same(await bucket.publicAccess(), closed)
  t.same(await bucket.encryption(), [{ SSEAlgorithm: 'AES256' }])
  t.same(await bucket.lifecycle(), lifecycle)
  t.same(await bucket.check(), all('holds'))
  const before = bucket.written()
  t.same(await bucket.apply(), all('holds'))
  t.same(bucket.written(), before, 'there is nothing to set a second time')
})

t.test('rules that others made for a lifecycle stay as they are, whatever of ours is there already', async (t) => {
  for (const already of [[], lifecycle.slice(0, 1), lifecycle.slice(1), lifecycle]) {
    const bucket = await openBucket(t)
    await bucket.setLifecycle([...theirs, ...already])
    await bucket.apply()
    const rules = await bucket.lifecycle()
    t.same(rules.slice(0, theirs.length), theirs)
    t.same(byId(rules.slice(theirs.length)), byId(lifecycle), `with ${already.length} of ours before`)
    t.same(await bucket.check(), all('holds'))
  }
})

t.test('a rule of ours that somebody changed is lacking, and set in place of itself; one that does the same by another name will do', async (t) => {
  const bucket = await openBucket(t)
  const changed: Record<string, Partial<LifecycleRule>> = {
    'abort-uploads': { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    'old-versions': { NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
    archive: { Status: 'Disabled' },
  }
  await bucket.setLifecycle(lifecycle.map((rule) => ({ ...rule, ...changed[rule.ID ?? ''] })))
  t.match(await bucket.check(), Object.fromEntries(ours.map((name) => [name, 'lacks'])))
  await bucket.apply()
  t.same(byId(await bucket.lifecycle()), byId(lifecycle))
  await bucket.setLifecycle(lifecycle.map((rule) => ({ ...rule, ID: `their-${rule.ID}` })))
  t.match(await bucket.check(), Object.fromEntries(ours.map((name) => [name, 'holds'])))
})

t.test('a key of the bucket’s own stays; a bucket that is closed to the public but for one thing is not closed', async (t) => {
  const bucket = await openBucket(t)
  const byKey = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'their-key' }
  await bucket.encrypt(byKey)
  t.match(await bucket.check(), { encryption: 'holds' })
  await bucket.apply()
  t.same(await bucket.encryption(), [byKey])
  for (const open of Object.keys(closed)) {
    await bucket.close({ ...closed, [open]: false })
    t.match(await bucket.check(), { 'public access': 'lacks' }, open)
    await bucket.apply()
    t.same(await bucket.publicAccess(), closed)
  }
})

/** We come without TLS, and would shut ourselves out. */
function all(outcome: Finding['outcome']) {
  return { ...Object.fromEntries(names.map((name) => [name, outcome])), tls: 'plain' }
}

function byId(rules: readonly LifecycleRule[]): LifecycleRule[] {
  return rules.toSorted((one, other) => String(one.ID).localeCompare(String(other.ID)))
}

function outcomes(findings: readonly Finding[]) {
  return Object.fromEntries(findings.map(({ name, outcome }) => [name, outcome]))
}

async function openBucket(t: Test) {
  const { settings, requests } = await startRecordingS3(t)
  const client = openS3Client(settings)
  t.teardown(() => client.destroy())
  const Bucket = settings.bucket
  return {
    check: async () => outcomes(await checkBucket(settings)),
    apply: async () => outcomes(await applyBucket(settings)),
    written: () => requests.filter(({ method }) => method !== 'GET').map(({ setting }) => setting),
    publicAccess: async () => (await client.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    close: (PublicAccessBlockConfiguration: Partial<typeof closed>) =>
      client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration })),
    async encryption() {
      const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand({ Bucket }))
      return ServerSideEncryptionConfiguration?.Rules?.map((rule) => rule.ApplyServerSideEncryptionByDefault)
    },
    encrypt(ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms'; KMSMasterKeyID: string }) {
      const Rules = [{ ApplyServerSideEncryptionByDefault }]
      return client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
    },
    lifecycle: async () => (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules ?? [],
    setLifecycle: (Rules: LifecycleRule[]) => client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } })),
  }
}
