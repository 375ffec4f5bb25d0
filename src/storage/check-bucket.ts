import { type Bucket, type BucketRule, whereSet } from './bucket-rule.ts'
import { bucketRules } from './bucket-rules.ts'
import { asStorageFailure, nameOf, openS3Client, type S3Settings, statusOf } from './s3-client.ts'

/**
 * `unknown`: the server has no such setting, as others than Amazon's may; `refused`: our role may not look, or not set it; `plain`: we come without TLS,
 * and would shut ourselves out.
 */
export type Outcome = 'holds' | 'lacks' | 'unknown' | 'refused' | 'plain' | 'set'

export interface Finding {
  name: string
  wants: string
  outcome: Outcome
}

/** Compares a live bucket with what it should be. Throws a StorageFailure where it cannot be reached at all. */
export async function checkBucket(settings: S3Settings): Promise<Finding[]> {
  return overRules(settings, look)
}

/** Sets what it lacks, as far as the server supports it, and nothing else. */
export async function applyBucket(settings: S3Settings): Promise<Finding[]> {
  return overRules(settings, async (bucket, rule) => {
    const before = await look(bucket, rule)
    return before === 'lacks' ? judge(() => rule.set(bucket).then(() => 'set')) : before
  })
}

async function overRules(
  { bucket: Bucket, ...connection }: S3Settings,
  work: (bucket: Bucket, rule: BucketRule) => Promise<Outcome>,
): Promise<Finding[]> {
  const client = openS3Client(connection)
  const plain = connection.endpoint.startsWith('http:')
  try {
    const findings: Finding[] = []
    // One after the other: the rules of a lifecycle are one setting.
    for (const rule of bucketRules) findings.push({ name: rule.name, wants: rule.wants, outcome: await work({ client, Bucket, plain }, rule) })
    return findings
  } finally {
    client.destroy()
  }
}

function look(bucket: Bucket, rule: BucketRule): Promise<Outcome> {
  return judge(async () => {
    if (await whereSet(() => rule.holds(bucket))) return 'holds'
    return rule.refusesPlain && bucket.plain ? 'plain' : 'lacks'
  })
}

async function judge(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    if (isUnknown(error)) return 'unknown'
    const failure = asStorageFailure(error)
    if (failure.reason === 'refused' && nameOf(error) !== 'NoSuchBucket') return 'refused'
    throw failure
  }
}

function isUnknown(error: unknown): boolean {
  return ['NotImplemented', 'MethodNotAllowed', 'XNotImplemented'].includes(nameOf(error)) || [501, 405].includes(Number(statusOf(error)))
}
