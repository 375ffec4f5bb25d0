import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { lifecycle } from '../../src/storage/bucket-lifecycle.ts'
import { statementsOf, template } from './aws-template.ts'
import { root } from './import-graph.ts'

const { MediaBucket, BackupBucket, AppRole, BackupRole, RestoreRole } = template.Resources

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
})

function resourcesOf(role: typeof AppRole, action: string): unknown[] {
  return statementsOf(role)
    .filter(({ Action }) => [Action].flat().includes(action))
    .map(({ Resource }) => Resource)
}

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
  const may = (role: typeof AppRole) => statementsOf(role).flatMap(({ Action }) => Action)
  t.ok(may(AppRole).includes('s3:DeleteObject'), 'control')
  t.notOk(
    may(BackupRole).some((action: string) => /^s3:(Get|Delete|List(?!Multipart))/.test(action)),
    'backups can neither be read nor removed',
  )
  t.notOk(may(RestoreRole).some((action: string) => /^s3:Delete/.test(action)))
  t.same(
    resourcesOf(RestoreRole, 's3:PutObject'),
    [[{ Sub: `\${BackupBucket.Arn}/backups/*/verified.json` }, { Sub: `\${BackupBucket.Arn}/backups/*/failed.json` }]],
    'it notes what it has verified, and can change none',
  )
  t.same(resourcesOf(AppRole, 's3:ListBucket'), [{ GetAtt: 'MediaBucket.Arn' }, { GetAtt: 'BackupBucket.Arn' }])
  const onBackups = statementsOf(AppRole).filter(({ Resource }) => JSON.stringify(Resource).includes('BackupBucket'))
  t.same(
    onBackups.map(({ Action, Condition }) => [Action, Condition]),
    [['s3:ListBucket', { StringLike: { 's3:prefix': 'backups/*' } }]],
    'the service sees which backups there are and nothing of them',
  )
  for (const role of [AppRole, BackupRole, RestoreRole]) t.notMatch(JSON.stringify(may(role)), /\*/, 'no wildcard')
})

/** What IAM calls them. Those that set up a bucket are for an operator's own login. */
const needs: Record<string, readonly string[]> = {
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  CreateMultipartUploadCommand: ['s3:PutObject', 's3:PutObjectTagging'],
  DeleteObjectsCommand: ['s3:DeleteObject'],
  GetBucketCorsCommand: ['s3:GetBucketCORS'],
  GetBucketEncryptionCommand: ['s3:GetEncryptionConfiguration'],
  GetBucketLifecycleConfigurationCommand: ['s3:GetLifecycleConfiguration'],
  GetBucketPolicyCommand: ['s3:GetBucketPolicy'],
  GetBucketVersioningCommand: ['s3:GetBucketVersioning'],
  GetObjectCommand: ['s3:GetObject'],
  GetPublicAccessBlockCommand: ['s3:GetBucketPublicAccessBlock'],
  // Of what is not there it says so only to who may list; to others that they may not look.
  HeadObjectCommand: ['s3:GetObject', 's3:ListBucket'],
  ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'],
  ListPartsCommand: ['s3:ListMultipartUploadParts'],
  PutObjectCommand: ['s3:PutObject', 's3:PutObjectTagging'],
  Upload: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
  UploadPartCommand: ['s3:PutObject'],
  paginateListObjectsV2: ['s3:ListBucket'],
}
const settingUp = /^Put(Bucket\w+|PublicAccessBlock)Command$/

/** What src/storage sends by the SDK. */
async function commandsOfStorage(): Promise<string[]> {
  const found = new Set<string>()
  for await (const file of glob('src/storage/*.ts', { cwd: root })) {
    const source = await readFile(join(root, file), 'utf8')
    const imports = [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/(?:client-s3|lib-storage)'/g)].flatMap(([, names = '']) =>
      names.split(','),
    )
    for (const name of imports.map((text) => text.trim())) if (/^(\w+Command|paginate\w+|Upload)$/.test(name)) found.add(name)
  }
  return [...found].sort()
}

t.test('the app role may do all that src/storage does, on what it does it to, and nothing else', async (t) => {
  const commands = (await commandsOfStorage()).filter((name) => !settingUp.test(name))
  t.same(commands, Object.keys(needs).sort(), 'each command has its actions here, and none is here for nothing')
  const wanted = [...new Set(commands.flatMap((name) => needs[name] ?? []))].sort()
  const statements: { Action: string[]; Resource: unknown }[] = AppRole.Properties.Policies[0].PolicyDocument.Statement
  const allowed = (on: (resource: string) => boolean) =>
    statements.filter(({ Resource }) => on(JSON.stringify(Resource))).flatMap(({ Action }) => Action.filter((action) => action.startsWith('s3:')))
  const [onObjects, onBucket] = [allowed((resource) => resource.includes('/tenants/*')), allowed((resource) => !resource.includes('/tenants/*'))]
  t.same([...onObjects, ...onBucket].sort(), wanted)
  const ofBucket = (action: string) => /^s3:(ListBucket|GetBucket|Get\w+Configuration$)/.test(action)
  t.same(
    [onObjects.filter(ofBucket), onBucket.filter((action) => !ofBucket(action))],
    [[], []],
    'an action on the wrong kind of resource allows nothing',
  )
  const page = await readFile(join(root, 'docs/storage.md'), 'utf8')
  const told = page.slice(page.indexOf('`check` needs'), page.indexOf('the app role of the template has them'))
  t.same(
    [...told.matchAll(/`(s3:\w+)`/g)].map(([, action]) => action).sort(),
    wanted.filter((action) => /^s3:Get(Bucket|\w+Configuration$)/.test(action)),
  )
})
