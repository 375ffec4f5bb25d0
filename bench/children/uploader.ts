import http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { answerParent } from './answer-parent.ts'

export interface Sending {
  url: string
  headers: Record<string, string>
  /** Of the file. */
  bytes: number
  /** Sent at the same time. */
  times: number
  /** As a file in a form, or as it is. */
  form: boolean
}

/** As long as a browser's: the parser looks for it by its last byte. */
const boundary = '----WebKitFormBoundary0123456789abcdef'
const opening = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n\r\n`)
const closing = Buffer.from(`\r\n--${boundary}--\r\n`)
const chunk = Buffer.alloc(256 * 1024, 0x5a)
const first = Buffer.from(chunk)
Buffer.from('\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41', 'latin1').copy(first)

/** A file that nobody has in memory. */
function* film(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += chunk.length) yield (sent === 0 ? first : chunk).subarray(0, Math.min(chunk.length, bytes - sent))
}

function* form(bytes: number): Generator<Buffer> {
  yield opening
  yield* film(bytes)
  yield closing
}

async function send({ url, headers, bytes, form: asForm }: Sending): Promise<void> {
  const length = asForm ? opening.length + bytes + closing.length : bytes
  const type = asForm ? `multipart/form-data; boundary=${boundary}` : 'application/octet-stream'
  const request = http.request(url, { method: 'POST', headers: { ...headers, 'content-type': type, 'content-length': length } })
  const answered = new Promise<void>((done, failed) => {
    request.once('error', failed)
    request.once('response', async (response) => {
      let body = ''
      for await (const part of response) body += part
      if (response.statusCode === 201) done()
      else failed(new Error(`an upload answers ${response.statusCode}: ${body.slice(0, 300)}`))
    })
  })
  await Promise.all([pipeline(Readable.from(asForm ? form(bytes) : film(bytes), { objectMode: false }), request), answered])
}

answerParent({
  /** Seconds until the last answer. */
  async send(argument) {
    const sending = argument as Sending
    const started = performance.now()
    await Promise.all(Array.from({ length: sending.times }, () => send(sending)))
    return (performance.now() - started) / 1000
  },
})
