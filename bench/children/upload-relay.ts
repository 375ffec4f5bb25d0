import { createServer } from 'node:http'
import { Upload } from '@aws-sdk/lib-storage'
import { loadConfig } from '../../src/config.ts'
import { openS3Client } from '../../src/storage/s3-client.ts'
import { answerParent, processorTime } from './answer-parent.ts'

/** lib-storage alone, as it comes: the body of a request is the body of an object. */
const { storage } = loadConfig(process.env)
if (storage.driver !== 's3') throw new Error('the relay needs a bucket')
const client = openS3Client(storage)
let count = 0

const server = createServer(async (request, response) => {
  const Key = `relay/${count++}`
  await new Upload({ client, params: { Bucket: storage.bucket, Key, Body: request } }).done()
  response.writeHead(201).end()
})
await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
const address = server.address()

answerParent({ port: () => (address && typeof address === 'object' ? address.port : 0), processorTime })
