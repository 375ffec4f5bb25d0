import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { sweepMedia } from '../../src/media/sweep-media.ts'
import { eventually } from '../eventually.ts'
import { mp4Of } from '../files/hostile-files.ts'
import { freePort } from '../free-port.ts'
import { multipart } from '../multipart.ts'
import { productionEnvironment, secretKeys, startServer } from '../server-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createMediaApp } from './media-calls.ts'
import { onBothStorages } from './storages.ts'

const MB = 1024 * 1024
/** Where uploads stand that are slow; the last of them lacks a few bytes of what comes after the file. */
const shares = [0.1, 0.5, 0.999_999]
const large = multipart({ name: 'a.mp4', bytes: mp4Of(12 * MB) })
const tomorrow = () => Date.now() + 25 * 60 * 60_000

onBothStorages(t, 'a server killed during uploads keeps what it said it has, and of all others nothing', async (t, bucket) => {
  const env = { SECRET_KEYS: secretKeys, STORAGE_DIR: await temporaryFolder(t), ...bucket }
  const tools = await createMediaApp(t, { env })
  const { a, app, data, dbOf, storageOf, rowsOf, keysOf } = tools
  const authorization = `Bearer ${await tools.tokenOf(a)}`
  const start = () => serving(t, { ...productionEnvironment(data.url, 0), S3_BUCKET: '', ...env }, { host: a.host, authorization })
  const answered: string[] = []
  const server = await start()
  const slow = shares.map((share) => server.begin(share))
  const quick = [1, 2, 3, 4].map((nth) => untilKilled(async (time) => answered.push(await sendWhole(server, nth * 1_000 + time))))
  const inParts = [5, 6].map((nth) => untilKilled(async (time) => answered.push(await sendInParts(server, nth * 1_000 + time))))
  const isUnderWay = async () =>
    answered.length > 10 && (await rowsOf()).filter(({ status, size }) => status === 'uploading' && size > 12 * MB).length === shares.length
  await eventually(t, 'files come, and others are slow', isUnderWay, 40_000)
  await delay(100 * Math.random())
  await server.kill()
  await Promise.all([...quick, ...inParts, ...slow])
  await start()
  const left = (await rowsOf()).filter(({ status }) => status === 'uploading')
  t.ok(left.length >= shares.length, 'control: something was left behind')
  await sweepMedia(dbOf(a), storageOf(a), tomorrow())
  await app.objectStorage.sweep(new Date(tomorrow()), 'tenants/')
  const isOver = async () => (await rowsOf()).every(({ status }) => status !== 'uploading' && status !== 'checking')
  await eventually(t, 'nothing is on its way or in quarantine any more', isOver, 40_000)
  const rows = await rowsOf()
  t.comment(`${rows.length} files, ${answered.length} of them answered, ${left.length} left behind`)
  for (const { id, status, size, sha256 } of rows) {
    const found = await storageOf(a).read(`media/${id}/original`)
    const bytes = found && (await buffer(found.stream))
    const sent = hashOf(mp4Of(Number(size)))
    t.same([status, Number(size), sha256, bytes && hashOf(bytes)], ['ready', bytes?.length, sent, sent], 'it is there as it was sent')
  }
  const ids = rows.map(({ id }) => id)
  t.same(
    answered.filter((id) => !ids.includes(id)),
    [],
    'no file that was answered is lost',
  )
  t.same(
    await keysOf(),
    ids.map((id) => `media/${id}/original`),
    'and no object is without its row',
  )
})

type Server = Awaited<ReturnType<typeof serving>>

/** A server process, once it serves. */
async function serving(t: Test, env: Record<string, string>, common: Record<string, string>) {
  const port = await freePort()
  const { server, ended } = startServer(t, { ...env, PORT: String(port) })
  const open = (method: string, path: string, headers: Record<string, string> = {}) =>
    http.request({ host: '127.0.0.1', port, method, path, headers: { ...common, ...headers } })
  const ask = async (
    method: string,
    path: string,
    { payload = '', headers = {} }: { payload?: Buffer | string; headers?: Record<string, string> },
  ) => {
    const request = open(method, path, headers).end(payload)
    const [answer]: http.IncomingMessage[] = await once(request, 'response')
    return { status: answer?.statusCode, body: answer ? await text(answer) : '' }
  }
  await eventually(t, 'it is ready', async () => (await ask('GET', '/readyz', {}).catch(() => undefined))?.status === 200, 60_000)
  return {
    ask,
    /** Sends so much of a large file, and no more. Over when the server is. */
    begin(share: number): Promise<unknown> {
      return untilKilled(async () => {
        const request = open('POST', '/v1/media', { ...large.headers })
        request.write(large.payload.subarray(0, Math.floor(large.payload.length * share)))
        await once(request, 'response')
      })
    },
    async kill() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

async function sendWhole({ ask }: Server, size: number): Promise<string> {
  return idOf(await ask('POST', '/v1/media', { ...multipart({ name: 'a.mp4', bytes: mp4Of(size) }) }), 201)
}

async function sendInParts({ ask }: Server, size: number): Promise<string> {
  const json = { 'content-type': 'application/json' }
  const upload = idOf(await ask('POST', '/v1/media/uploads', { payload: JSON.stringify({ name: 'a.mp4', size }), headers: json }), 201)
  const payload = mp4Of(size)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) }
  const part = await ask('PUT', `/v1/media/uploads/${upload}/parts/1`, { payload, headers })
  if (part.status !== 204) throw new Error(`the part answered ${part.body}`)
  return idOf(await ask('POST', `/v1/media/uploads/${upload}/complete`, {}), 200)
}

function idOf({ status, body }: { status: number | undefined; body: string }, expected: number): string {
  if (status !== expected) throw new Error(`the upload answered ${body}`)
  return JSON.parse(body).id
}

/** One after the other, for as long as the server lives. It may be busy for a moment. */
async function untilKilled(work: (time: number) => Promise<unknown>): Promise<void> {
  for (let time = 0; ; time++) {
    try {
      await work(time)
    } catch (error) {
      if (error instanceof Error && 'code' in error) return
      await delay(20)
    }
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
