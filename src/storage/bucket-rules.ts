import {
  type CORSRule,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { lifecycleRules } from './bucket-lifecycle.ts'
import { type BucketRule, whereSet } from './bucket-rule.ts'

/** Browsers send parts of large files straight to the bucket, by addresses that were signed for them. */
const cors: CORSRule = {
  AllowedMethods: ['GET', 'HEAD', 'PUT'],
  AllowedOrigins: ['*'],
  AllowedHeaders: ['*'],
  ExposeHeaders: ['ETag'],
  MaxAgeSeconds: 3_600,
}

const closed = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }

/** What the bucket of brand files and media should be. infra/aws/storage.yaml says the same. */
export const bucketRules: readonly BucketRule[] = [
  {
    name: 'public access',
    wants: 'lets nobody in but by its own roles and signed addresses',
    async holds({ client, Bucket }) {
      const { PublicAccessBlockConfiguration: found } = await client.send(new GetPublicAccessBlockCommand({ Bucket }))
      return Object.keys(closed).every((name) => Reflect.get(Object(found), name) === true)
    },
    set: ({ client, Bucket }) => client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed })),
  },
  {
    name: 'encryption',
    wants: 'encrypts what it keeps',
    async holds({ client, Bucket }) {
      const { ServerSideEncryptionConfiguration: found } = await client.send(new GetBucketEncryptionCommand({ Bucket }))
      return (found?.Rules ?? []).some((rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm !== undefined)
    },
    // A key of one's own belongs to the template, which makes it; a bucket without any gets the server's.
    set: ({ client, Bucket }) => {
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
      return client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
    },
  },
  {
    name: 'versions',
    wants: 'keeps what is overwritten or deleted for 30 days',
    async holds({ client, Bucket }) {
      return (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status === 'Enabled'
    },
    set: ({ client, Bucket }) => client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
  },
  {
    name: 'tls',
    wants: 'refuses requests that are not encrypted',
    refusesPlain: true,
    async holds({ client, Bucket }) {
      const { Policy = '' } = await client.send(new GetBucketPolicyCommand({ Bucket }))
      return statementsOf(Policy).some(refusesPlain)
    },
    async set({ client, Bucket }) {
      // Only where there is none: one that could not be read must not be written over.
      const { Policy: before = '' } = (await whereSet(() => client.send(new GetBucketPolicyCommand({ Bucket })))) ?? {}
      const refusal = {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [...statementsOf(before), refusal] })
      return client.send(new PutBucketPolicyCommand({ Bucket, Policy }))
    },
  },
  ...lifecycleRules,
  {
    name: 'cors',
    wants: 'takes parts of large files from browsers',
    async holds({ client, Bucket }) {
      const { CORSRules = [] } = await client.send(new GetBucketCorsCommand({ Bucket }))
      return CORSRules.some(({ AllowedMethods = [], ExposeHeaders = [] }) => AllowedMethods.includes('PUT') && ExposeHeaders.includes('ETag'))
    },
    async set({ client, Bucket }) {
      const { CORSRules: others = [] } = (await whereSet(() => client.send(new GetBucketCorsCommand({ Bucket })))) ?? {}
      return client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [...others, cors] } }))
    },
  },
]

interface Statement {
  Effect?: unknown
  Principal?: unknown
  Action?: unknown
  Condition?: unknown
}

function statementsOf(policy: string): Statement[] {
  const parsed: unknown = policy === '' ? {} : JSON.parse(policy)
  const statements: unknown = Reflect.get(Object(parsed), 'Statement')
  return [statements ?? []].flat() as Statement[]
}

function refusesPlain({ Effect, Principal, Action, Condition }: Statement): boolean {
  const secure = Reflect.get(Object(Reflect.get(Object(Condition), 'Bool')), 'aws:SecureTransport')
  const everybody = Principal === '*' || Reflect.get(Object(Principal), 'AWS') === '*'
  return Effect === 'Deny' && everybody && [Action].flat().includes('s3:*') && String(secure) === 'false'
}
