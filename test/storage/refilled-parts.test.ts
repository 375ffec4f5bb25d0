import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as moment } from 'node:timers/promises'
import { GetObjectCommand, type UploadPartCommandInput } from '@aws-sdk/client-s3'
import fc from 'fast-check'
import t from 'tap'
import { refilledParts, uploadInRefilledParts } from '../../src/storage/refilled-parts.ts'
import { openS3Client } from '../../src/storage/s3-client.ts'
import { startS3 } from './s3-server.ts'

const partSize = 16
const body = (chunks: readonly Uint8Array[]) => Readable.from(chunks)

interface Taken {
  partNumber: number
  bytes: Buffer
  lastPart: boolean
  memory: ArrayBufferLike
}

/** Takes parts as an uploader does: each is looked at again after a while, as a request that is sent once more would be. */
async function take(parts: ReturnType<ReturnType<typeof refilledParts>>, moments: () => number): Promise<Taken[]> {
  const taken: Taken[] = []
  for await (const { partNumber, data, lastPart = false } of parts) {
    const asGiven = Buffer.from(data)
    for (let left = moments(); left > 0; left--) await moment()
    if (!asGiven.equals(data)) throw new Error(`part ${partNumber} changed while it was sent`)
    taken.push({ partNumber, bytes: asGiven, lastPart, memory: data.buffer })
  }
  return taken
}

t.test('however a body comes and whoever takes its parts: together they are the body, each of its size, and the last is told', async (t) => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 3 * partSize }), { maxLength: 12 })
  const takers = fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(chunks, takers, async (chunks, takers) => {
        const feed = refilledParts(body(chunks), partSize)
        const all = await Promise.all(
          takers.map((pauses) => {
            let at = 0
            return take(feed(), () => pauses[at++ % pauses.length] ?? 0)
          }),
        )
        const parts = all.flat().toSorted((one, other) => one.partNumber - other.partNumber)
        const sizes = parts.map(({ bytes }) => bytes.length)
        return (
          Buffer.concat(parts.map(({ bytes }) => bytes)).equals(Buffer.concat(chunks)) &&
          parts.every(({ partNumber, lastPart }, at) => partNumber === at + 1 && lastPart === (at === parts.length - 1)) &&
          sizes.slice(0, -1).every((size) => size === partSize) &&
          sizes.every((size) => size <= partSize && (size > 0 || parts.length === 1)) &&
          all.every((own) => new Set(own.filter(({ bytes }) => bytes.length === partSize).map(({ memory }) => memory)).size <= 1)
        )
      }),
      { numRuns: 500 },
    ),
  )
})

t.test('a small body takes little memory', async (t) => {
  const [part] = await take(refilledParts(body([randomBytes(1_000), randomBytes(500)]), 5 * 1024 * 1024)(), () => 0)
  t.equal(part?.bytes.length, 1_500)
  t.ok((part?.memory.byteLength ?? Number.NaN) <= 2_000)
})

t.test('where one breaks off, the others get no further part', async (t) => {
  let read = 0
  async function* many() {
    for (; read < 50; read++) yield randomBytes(partSize)
  }
  const feed = refilledParts(many(), partSize)
  const broken = (async () => {
    for await (const { partNumber } of feed()) if (partNumber > 4) throw new Error('gone')
  })()
  const [one, other] = await Promise.allSettled([broken, take(feed(), () => 1)])
  t.match(one, { status: 'rejected', reason: { message: 'gone' } })
  t.equal(other.status, 'fulfilled')
  t.ok(read < 12)
})

t.test('a body that fails is told to everybody who takes of it', async (t) => {
  async function* failing() {
    yield randomBytes(3 * partSize)
    throw new Error('gone')
  }
  const feed = refilledParts(failing(), partSize)
  const ends = await Promise.allSettled([1, 2, 3].map(() => take(feed(), () => 1)))
  for (const end of ends) t.match(end, { status: 'rejected', reason: { message: 'gone' } })
})

const server = await startS3(t)
if (server) {
  t.test('lib-storage sends a file of many parts from the memory of as many as are sent at once', async (t) => {
    const client = openS3Client(server.settings)
    t.teardown(() => client.destroy())
    const memories = new Set<ArrayBufferLike>()
    client.middlewareStack.add(
      (next) => async (args) => {
        const { PartNumber, Body } = args.input as Partial<UploadPartCommandInput>
        if (PartNumber && Body instanceof Uint8Array) memories.add(Body.buffer)
        return next(args)
      },
      { step: 'initialize' },
    )
    const bytes = randomBytes(37 * 1024 * 1024 + 11)
    const place = { Bucket: server.settings.bucket, Key: `refilled/${randomUUID()}` }
    const stream = Readable.from(Array.from({ length: Math.ceil(bytes.length / 65_000) }, (_, at) => bytes.subarray(at * 65_000, (at + 1) * 65_000)))
    await uploadInRefilledParts({ client, params: place, queueSize: 2, partSize: 5 * 1024 * 1024 }, stream).done()
    t.equal(memories.size, 2)
    const { Body } = await client.send(new GetObjectCommand(place))
    t.ok(Body instanceof Readable && (await buffer(Body)).equals(bytes))
  })
}
