import type { Test } from 'tap'
import type { S3Settings } from '../../src/storage/s3-client.ts'
import { startS3 } from '../storage/s3-server.ts'

/** Settings of the service for a bucket. */
export function bucketEnv({ bucket, region, endpoint, accessKeyId, secretAccessKey }: S3Settings): Record<string, string> {
  return { S3_BUCKET: bucket, S3_REGION: region, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
}

/** The same tests on both drivers; the one of a bucket is skipped where there is no server. */
export function onBothStorages(t: Test, title: string, tests: (t: Test, env: Record<string, string>) => Promise<void>): void {
  t.test(`${title}, in a folder`, (t) => tests(t, {}))
  t.test(`${title}, in a bucket`, async (t) => {
    const server = await startS3(t)
    if (server) await tests(t, bucketEnv(server.settings))
  })
}
