import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Test } from 'tap'
import { openS3Client, type S3Settings } from '../../src/storage/s3-client.ts'

/** A bucket of the test's own on a server that is there already, with nothing in it. It goes with the test. */
export async function ownBucket(t: Test, server: Omit<S3Settings, 'bucket'>): Promise<S3Settings> {
  const bucket = `tenantry-test-${randomUUID()}`
  const client = openS3Client(server)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  t.teardown(async () => {
    await removeBucket(client, bucket)
    client.destroy()
  })
  return { ...server, bucket }
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  // It may refuse whoever comes without TLS.
  await client.send(new DeleteBucketPolicyCommand({ Bucket })).catch(() => {})
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
  for (const { Key, UploadId } of Uploads) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
  for (let more = true; more; ) {
    const { Versions = [], DeleteMarkers = [], IsTruncated = false } = await client.send(new ListObjectVersionsCommand({ Bucket }))
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    more = IsTruncated
  }
  await client.send(new DeleteBucketCommand({ Bucket }))
}
