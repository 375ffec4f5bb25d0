import { isDeepStrictEqual } from 'node:util'
import { GetBucketLifecycleConfigurationCommand, type LifecycleRule, PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import { type Bucket, type BucketRule, whereSet } from './bucket-rule.ts'
import { archiveTag } from './s3-client.ts'

/** What is archived has to be worth its fee: 128 KB are billed at least, for 90 days at least, and each read costs. */
export const archiveAfterDays = 90
export const leastArchivedSize = 512 * 1024

const archiveFilter = { And: { Tags: [archiveTag], ObjectSizeGreaterThan: leastArchivedSize } }

export const lifecycle: readonly LifecycleRule[] = [
  { ID: 'abort-uploads', Status: 'Enabled', Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  {
    ID: 'old-versions',
    Status: 'Enabled',
    Filter: { Prefix: '' },
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    Expiration: { ExpiredObjectDeleteMarker: true },
  },
  { ID: 'archive', Status: 'Enabled', Filter: archiveFilter, Transitions: [{ Days: archiveAfterDays, StorageClass: 'GLACIER_IR' }] },
]

const meaning: Record<string, string> = {
  'abort-uploads': 'forgets parts of uploads that nobody completed after a day',
  'old-versions': 'lets old versions and their markers go after 30 days',
  archive: `moves what is tagged for it and larger than ${leastArchivedSize / 1024} KB to Glacier Instant Retrieval after ${archiveAfterDays} days`,
}

export const lifecycleRules: readonly BucketRule[] = lifecycle.map((wanted) => ({
  name: `lifecycle ${wanted.ID}`,
  wants: meaning[wanted.ID ?? ''] ?? '',
  async holds(bucket) {
    return (await readLifecycle(bucket)).some((found) => isDeepStrictEqual(essence(found), essence(wanted)))
  },
  async set(bucket) {
    const others = (await readLifecycle(bucket)).filter(({ ID }) => ID !== wanted.ID)
    const LifecycleConfiguration = { Rules: [...others, wanted] }
    return bucket.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket.Bucket, LifecycleConfiguration }))
  },
}))

async function readLifecycle({ client, Bucket }: Bucket): Promise<LifecycleRule[]> {
  const found = await whereSet(() => client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))
  return found?.Rules ?? []
}

/** What a rule does, under whatever id. Servers answer some of it in other words. */
function essence({ Status, Filter, AbortIncompleteMultipartUpload, NoncurrentVersionExpiration, Expiration, Transitions = [] }: LifecycleRule) {
  const { Prefix, Tag, ObjectSizeGreaterThan, And } = Filter ?? {}
  return {
    Status,
    prefix: And?.Prefix ?? Prefix ?? '',
    tags: [...(And?.Tags ?? []), ...(Tag ? [Tag] : [])],
    above: And?.ObjectSizeGreaterThan ?? ObjectSizeGreaterThan,
    abortAfter: AbortIncompleteMultipartUpload?.DaysAfterInitiation,
    oldAfter: NoncurrentVersionExpiration?.NoncurrentDays,
    markers: Expiration?.ExpiredObjectDeleteMarker ?? false,
    moves: Transitions.map(({ Days, StorageClass }) => ({ Days, StorageClass })),
  }
}
