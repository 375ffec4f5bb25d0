import t from 'tap'
import { statementsOf, template } from './aws-template.ts'

const { Key, MediaBucketPolicy, BackupBucket, BackupBucketPolicy, AppRole, BackupRole, RestoreRole } = template.Resources
const theKey = { GetAtt: 'Key.Arn' }
const accountRoot = `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`
const namedKey = 's3:x-amz-server-side-encryption-aws-kms-key-id'

t.test('both buckets refuse whoever comes without TLS, and nothing else but objects under another key than theirs', async (t) => {
  t.same(
    MediaBucketPolicy.Properties,
    policyOf('MediaBucket', { Sid: 'NoOtherKey', Condition: { Null: { [namedKey]: 'false' }, StringNotEquals: { [namedKey]: theKey } } }),
  )
  // Without `Null`: a backup that names no key is refused too.
  t.same(BackupBucketPolicy.Properties, policyOf('BackupBucket', { Sid: 'NamedKeyOnly', Condition: { StringNotEquals: { [namedKey]: theKey } } }))
})

t.test('each role may encrypt and decrypt by the one key, and do nothing else with any key', async (t) => {
  for (const role of [AppRole, BackupRole, RestoreRole]) {
    const byKey = statementsOf(role).filter(
      ({ Action, Resource }) => /kms/i.test(JSON.stringify([Action])) || JSON.stringify(Resource).includes('Key'),
    )
    t.same(byKey, [{ Sid: 'Key', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: theKey }], role.Properties.Description)
  }
  t.match(Key.Properties.KeyPolicy.Statement, [{ Effect: 'Allow', Action: 'kms:*', Principal: { AWS: { Sub: accountRoot } } }])
  t.equal(Key.Properties.KeyPolicy.Statement.length, 1, 'the key lets nobody in past the roles')
})

t.test('roles have no permissions but those that are named, and there are no others', async (t) => {
  const identities = Object.keys(template.Resources).filter((name) => /^AWS::(IAM|KMS)::/.test(template.Resources[name].Type))
  t.same(identities.sort(), ['AppRole', 'BackupRole', 'GitHubOidcProvider', 'Key', 'RestoreRole'])
  for (const role of [AppRole, BackupRole, RestoreRole]) {
    const { Description, MaxSessionDuration, AssumeRolePolicyDocument, Policies, ...rest } = role.Properties
    t.same(rest, {}, `${Description}: no managed policy`)
    for (const { Sid, Effect, Action, Resource, Condition, ...others } of statementsOf(role)) {
      t.same([Effect, others], ['Allow', {}], 'nor all but something')
    }
  }
})

t.test('the bucket of backups lets them go after 30 days, what was removed after one more, and uploads that broke off after one', async (t) => {
  t.same(BackupBucket.Properties.LifecycleConfiguration.Rules, [
    { Id: 'abort-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    { Id: 'expire', Status: 'Enabled', ExpirationInDays: 30, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    { Id: 'markers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
  ])
})

function refusalOfPlain(bucket: string) {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [{ GetAtt: `${bucket}.Arn` }, objectsOf(bucket)],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
}

function refusalToPut(bucket: string) {
  return { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: objectsOf(bucket) }
}

function objectsOf(bucket: string) {
  return { Sub: `\${${bucket}.Arn}/*` }
}

/** The whole policy of a bucket that refuses objects under these conditions. */
function policyOf(bucket: string, refused: { Sid: string; Condition: unknown }) {
  const Statement = [refusalOfPlain(bucket), { ...refusalToPut(bucket), ...refused }]
  return { Bucket: { Ref: bucket }, PolicyDocument: { Version: '2012-10-17', Statement } }
}
