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
  t.equal(await outcome(), 'plain')
  await tls.set(bucket)
  t.equal(await tls.holds(bucket), true)
  t.equal(await outcome(), 'holds')
})
