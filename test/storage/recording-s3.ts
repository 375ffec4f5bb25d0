import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { S3Settings } from '../../src/storage/s3-client.ts'

export interface RecordingS3 {
  settings: S3Settings
  /** In their order, with what the bucket's setting is called where the request was for one. */
  requests: { method: string; setting: string | undefined; headers: IncomingHttpHeaders }[]
}

/** Settings of a bucket, each with what Amazon's answers where it has none. */
const unset: Record<string, string> = {
  cors: 'NoSuchCORSConfiguration',
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
  lifecycle: 'NoSuchLifecycleConfiguration',
  policy: 'NoSuchBucketPolicy',
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
  versioning: '',
}

/** Keeps the settings of a bucket, all of which only Amazon's does. Of objects it keeps none: it takes what comes, and writes down how. */
export async function startRecordingS3(t: Test): Promise<RecordingS3> {
  const requests: RecordingS3['requests'] = []
  const kept = new Map<string, string>()
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const setting = Object.keys(unset).find((name) => searchParams.has(name))
    requests.push({ method: request.method ?? '', setting, headers: request.headers })
    const body = await text(request)
    response.setHeader('content-type', 'application/xml')
    if (setting === undefined) response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>')
    else answerSetting(request, response, { setting, body, kept })
  })
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${Object(server.address()).port}`
  const settings = { bucket: 'recorded', region: 'us-east-1', endpoint, publicEndpoint: '', accessKeyId: 'x', secretAccessKey: 'x' }
  return { settings, requests }
}

interface Setting {
  setting: string
  body: string
  kept: Map<string, string>
}

/** What is set has the same form as what is answered. */
function answerSetting({ method }: IncomingMessage, response: ServerResponse, { setting, body, kept }: Setting): void {
  if (method === 'PUT') kept.set(setting, body)
  const [found, code] = [kept.get(setting), unset[setting]]
  if (method === 'PUT') response.end()
  else if (found !== undefined || !code) response.end(found ?? '<VersioningConfiguration/>')
  else response.writeHead(404).end(`<Error><Code>${code}</Code><Message>x</Message></Error>`)
}
