import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { bucketRules } from '../../src/storage/bucket-rules.ts'
import { checkBucket } from '../../src/storage/check-bucket.ts'
import { openS3Client } from '../../src/storage/s3-client.ts'
import { startS3 } from './s3-server.ts'

t.test('a bucket that refuses requests without TLS is told as one, whoever asks; the statements that it had stay', async (t) => {
  const server = await startS3(t)
  const tls = bucketRules.find(({ name }) => name === 'tls')
  if (!server || !tls) return
  const client = openS3Client(server.settings)
  t.teardown(() => client.destroy())
  const bucket = { client, Bucket: server.settings.bucket, plain: false }
  const outcome = async () => (await checkBucket(server.settings)).find(({ name }) => name === 'tls')?.outcome
  const theirs = { Sid: 'Theirs', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket.Bucket}/open/*` }
  const before = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] })
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket.Bucket, Policy: before }))
  t.equal(await outcome(), 'plain')
  await tls.set(bucket)
  t.equal(await tls.holds(bucket), true)
  t.equal(await outcome(), 'holds')
  const { Policy = '' } = await client.send(new GetBucketPolicyCommand({ Bucket: bucket.Bucket }))
  t.match(JSON.parse(Policy).Statement, [theirs, { Sid: 'TlsOnly', Effect: 'Deny' }])
})
