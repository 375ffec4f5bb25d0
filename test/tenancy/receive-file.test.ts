import { once } from 'node:events'
import { connect } from 'node:net'
import multipartPlugin from '@fastify/multipart'
import fastify from 'fastify'
import t from 'tap'
import { isProblem } from '../../src/errors.ts'
import { receiveFile } from '../../src/tenancy/receive-file.ts'
import { eventually } from '../eventually.ts'
import { asBody, fieldParts, filePart, headersOf, type Multipart, multipart } from '../multipart.ts'
import { listen } from '../raw-request.ts'

const most = 100_000

/** A route that takes a file and reads it, and tells what it got and what became of it. */
async function createReceiver() {
  const log: { name: string; size: number; failed?: unknown }[] = []
  const app = fastify()
  await app.register(multipartPlugin, { throwFileSizeLimit: false, limits: { files: 1, fields: 0, parts: 1, fileSize: 0, headerPairs: 20 } })
  app.post('/', async (request) =>
    receiveFile(request, { most, fields: ['alt', 'visibility'] }, async ({ name, stream }) => {
      const entry: (typeof log)[number] = { name, size: 0 }
      log.push(entry)
      try {
        for await (const chunk of stream) entry.size += chunk.length
      } catch (failed) {
        entry.failed = failed
        throw failed
      }
      return entry.size
    }),
  )
  app.setErrorHandler((error, _request, reply) =>
    reply.code(isProblem(error) ? error.statusCode : 500).send({ code: isProblem(error) ? error.code : String(error) }),
  )
  t.teardown(() => app.close())
  return { app, log }
}

const { app, log } = await createReceiver()
const port = await listen(app)
const post = async (body: Multipart) => {
  const answer = await app.inject({ method: 'POST', url: '/', ...body })
  return { status: answer.statusCode, ...answer.json() }
}
const file = { name: 'a.txt', bytes: 'text' }

t.test('a file and the fields beside it are received, whichever comes first', async (t) => {
  t.same(await post(multipart(file, { alt: 'x' })), { status: 200, taken: 4, fields: { alt: 'x' } })
  t.same(await post(multipart(file, {}, { alt: 'x', visibility: '' })), { status: 200, taken: 4, fields: { alt: 'x', visibility: '' } })
  t.same(await post(multipart({ name: 'a', bytes: Buffer.alloc(most) })), { status: 200, taken: most, fields: {} })
  t.same(await post(multipart({ name: 'a', bytes: '' })), { status: 200, taken: 0, fields: {} })
})

const wrong: Record<string, [Multipart, { status: number; code: string }]> = {
  'no file': [asBody(fieldParts({ alt: 'x' })), { status: 400, code: 'FILE_MISSING' }],
  'nothing at all': [
    { payload: Buffer.alloc(0), headers: headersOf(0) },
    { status: 400, code: 'FILE_MISSING' },
  ],
  'a byte too many': [multipart({ name: 'a', bytes: Buffer.alloc(most + 1) }), { status: 413, code: 'FILE_TOO_LARGE' }],
  'a megabyte too many': [multipart({ name: 'a', bytes: Buffer.alloc(most + 1_000_000) }), { status: 413, code: 'FILE_TOO_LARGE' }],
  'two files': [asBody([filePart(file), filePart(file)]), { status: 413, code: 'UPLOAD_PARTS' }],
  '1,001 parts': [asBody(Array.from({ length: 1_001 }, () => fieldParts({ alt: 'x' })).flat()), { status: 413, code: 'UPLOAD_PARTS' }],
  '1,001 parts after the file': [
    asBody([filePart(file), ...Array.from({ length: 1_000 }, () => fieldParts({ alt: 'x' })).flat()]),
    { status: 413, code: 'UPLOAD_PARTS' },
  ],
  'a file in another field': [asBody([filePart(file, 'avatar')]), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'an unknown field': [multipart(file, { role: 'owner' }), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'a field of the prototype': [multipart(file, { __proto__x: '1' }), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'the prototype itself': [asBody([...fieldParts({ ['__proto__']: '1' }), Buffer.from('')]), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'a field without end': [multipart(file, { alt: 'x'.repeat(5_000) }), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'no final boundary': [cut(multipart(file), 40), { status: 400, code: 'UPLOAD_MALFORMED' }],
  'no boundary that is named': [
    { ...multipart(file), headers: { ...multipart(file).headers, 'content-type': 'multipart/form-data' } },
    { status: 400, code: 'UPLOAD_MALFORMED' },
  ],
  'another boundary': [
    { ...multipart(file), headers: { ...multipart(file).headers, 'content-type': 'multipart/form-data; boundary=other' } },
    { status: 400, code: 'UPLOAD_MALFORMED' },
  ],
  noise: [
    { payload: Buffer.from('noise'.repeat(100)), headers: headersOf(500) },
    { status: 400, code: 'UPLOAD_MALFORMED' },
  ],
}

function cut({ payload }: Multipart, bytes: number): Multipart {
  const shorter = payload.subarray(0, payload.length - bytes)
  return { payload: shorter, headers: headersOf(shorter.length) }
}

for (const [name, [body, wanted]] of Object.entries(wrong)) {
  t.test(`${name} answers ${wanted.status} ${wanted.code}`, { timeout: 5_000 }, async (t) => {
    t.same(await post(body), wanted)
    t.same(await post(multipart(file)), { status: 200, taken: 4, fields: {} }, 'and the next is received')
  })
}

t.test('another content type answers 415 CONTENT_TYPE_UNSUPPORTED', async (t) => {
  const answer = await app.inject({ method: 'POST', url: '/', payload: { file: 'x' } })
  t.same([answer.statusCode, answer.json().code], [415, 'CONTENT_TYPE_UNSUPPORTED'])
})

t.test('names come as they were sent, to be cleaned by whoever shows them', async (t) => {
  for (const name of ['../../etc/passwd', 'a\u202eb', '..\\..\\x', 'x'.repeat(64_000), '']) {
    t.equal((await post(multipart({ ...file, name }))).status, 200, name.slice(0, 20))
  }
})

/** Sends so much of a body and then goes away. */
async function goAwayAfter(body: Multipart, bytes: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { 'content-type': type, 'content-length': length } = body.headers
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`)
  await new Promise((done) => socket.write(body.payload.subarray(0, bytes), done))
  await eventually(t, 'the file is on its way', () => log.length > 0)
  socket.destroy()
}

for (const share of [0.5, 0.99]) {
  t.test(`a sender who goes away at ${share * 100} % is a broken upload to whoever reads the file`, async (t) => {
    log.length = 0
    const body = multipart({ name: 'a', bytes: Buffer.alloc(90_000, 'x') })
    await goAwayAfter(body, Math.floor(body.payload.length * share))
    await eventually(t, 'the reader is told', () => log[0]?.failed !== undefined)
    t.equal(log.length, 1)
    t.ok((log[0]?.size ?? 0) < 90_000)
  })
}
