import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type CollectionTag, parse, type ScalarTag } from 'yaml'
import { lifecycle } from '../../src/storage/bucket-lifecycle.ts'
import { root } from './import-graph.ts'

/** Intrinsic functions as plain objects: `!Ref Key` is { Ref: 'Key' }. */
const named = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) })
const listed = (name: string): CollectionTag => ({ tag: `!${name}`, collection: 'seq', resolve: (value) => ({ [name]: value.toJSON() }) })

const customTags = [named('Ref'), named('GetAtt'), named('Sub'), listed('If'), listed('Equals')]
const template = parse(await readFile(join(root, 'infra/aws/storage.yaml'), 'utf8'), { customTags })
const { MediaBucket, BackupBucket, MediaBucketPolicy, BackupBucketPolicy, AppRole, BackupRole, RestoreRole } = template.Resources

interface TemplateRule {
  Id: string
  Status: string
  TagFilters?: { Key: string; Value: string }[]
  ObjectSizeGreaterThan?: string
  AbortIncompleteMultipartUpload?: { DaysAfterInitiation: number }
  NoncurrentVersionExpiration?: { NoncurrentDays: number }
  ExpiredObjectDeleteMarker?: boolean
  Transitions?: { StorageClass: string; TransitionInDays: number }[]
}

t.test('the lifecycle of the template is the one that `tenantry storage check` looks for', async (t) => {
  const rules: TemplateRule[] = MediaBucket.Properties.LifecycleConfiguration.Rules
  t.same(
    rules.map((rule) => ({
      id: rule.Id,
      status: rule.Status,
      tags: rule.TagFilters ?? [],
      above: rule.ObjectSizeGreaterThan === undefined ? undefined : Number(rule.ObjectSizeGreaterThan),
      abort: rule.AbortIncompleteMultipartUpload,
      old: rule.NoncurrentVersionExpiration,
      markers: rule.ExpiredObjectDeleteMarker,
      moves: rule.Transitions?.map(({ StorageClass, TransitionInDays: Days }) => ({ Days, StorageClass })),
    })),
    lifecycle.map((rule) => ({
      id: rule.ID,
      status: rule.Status,
      tags: rule.Filter?.And?.Tags ?? [],
      above: rule.Filter?.And?.ObjectSizeGreaterThan,
      abort: rule.AbortIncompleteMultipartUpload,
      old: rule.NoncurrentVersionExpiration,
      markers: rule.Expiration?.ExpiredObjectDeleteMarker,
      moves: rule.Transitions,
    })),
  )
})

t.test('both buckets are encrypted by the key, closed to the public, keep versions, and stay when the stack goes', async (t) => {
  for (const bucket of [MediaBucket, BackupBucket]) {
    const [rule] = bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration
    t.same(rule.ServerSideEncryptionByDefault, { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: { GetAtt: 'Key.Arn' } })
    t.same(Object.values(bucket.Properties.PublicAccessBlockConfiguration), [true, true, true, true])
    t.equal(bucket.Properties.VersioningConfiguration.Status, 'Enabled')
    t.same([bucket.DeletionPolicy, bucket.UpdateReplacePolicy], ['Retain', 'Retain'])
  }
  for (const policy of [MediaBucketPolicy, BackupBucketPolicy]) {
    t.match(policy.Properties.PolicyDocument.Statement[0], {
      Effect: 'Deny',
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    })
  }
})

t.test('GitHub’s tokens count for one repository and environment; each role may what it has to, on its own prefix', async (t) => {
  for (const [role, environment] of [
    [BackupRole, 'BackupEnvironment'],
    [RestoreRole, 'RestoreEnvironment'],
  ]) {
    t.same(role.Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals, {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': { Sub: `repo:\${GitHubRepository}:environment:\${${environment}}` },
    })
  }
  const may = (role: typeof AppRole) =>
    role.Properties.Policies.flatMap(({ PolicyDocument }: { PolicyDocument: { Statement: { Action: string | string[] }[] } }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action),
    )
  t.ok(may(AppRole).includes('s3:DeleteObject'), 'control')
  t.notOk(
    may(BackupRole).some((action: string) => /^s3:(Get|Delete|List(?!Multipart))/.test(action)),
    'backups can neither be read nor removed',
  )
  t.notOk(may(RestoreRole).some((action: string) => /^s3:(Put|Delete)/.test(action)))
  for (const role of [AppRole, BackupRole, RestoreRole]) t.notMatch(JSON.stringify(may(role)), /\*/, 'no wildcard')
})
