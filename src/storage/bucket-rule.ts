import type { S3Client } from '@aws-sdk/client-s3'

export interface Bucket {
  client: S3Client
  Bucket: string
  /** Reached without TLS. */
  plain: boolean
}

/** One thing that a bucket should be. */
export interface BucketRule {
  name: string
  /** Completes "the bucket …". */
  wants: string
  /** Whoever comes without TLS is shut out by it: it is not set by such a one. */
  refusesPlain?: true
  /** Throws what the server answers: that there is no such setting, or that it knows none. */
  holds(bucket: Bucket): Promise<boolean>
  set(bucket: Bucket): Promise<unknown>
}

/** Undefined where the bucket has no such setting. Anything else that went wrong is thrown. */
export async function whereSet<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && unset.has(error.name)) return undefined
    throw error
  }
}

const unset = new Set([
  'NoSuchBucketPolicy',
  'NoSuchCORSConfiguration',
  'NoSuchLifecycleConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'ServerSideEncryptionConfigurationNotFoundError',
])
