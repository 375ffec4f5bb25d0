import { once } from 'node:events'
import { readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { leastPartSize } from '../../src/storage/object-storage.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const kind = { contentType: 'application/octet-stream' }
const unknown = { name: 'StorageFailure', message: 'the storage: unknown-upload' }
const [first, last] = [Buffer.alloc(leastPartSize, 'a'), Buffer.from('the last')]

/** Two processes over one folder, and an upload of two parts that have come. */
async function beginUpload(t: Test) {
  const root = await temporaryFolder(t)
  const [storage, another] = [createDiskStorage(root), createDiskStorage(root)]
  const upload = { key: 'film', id: await storage.parts.begin('film', kind) }
  const put = (part: number, bytes: Buffer) => storage.parts.put(upload, { part, body: Readable.from([bytes]), size: bytes.length })
  const parts = [await put(1, first), await put(2, last)]
  const below = async (folder: string) => (await readdir(join(root, folder)).catch(() => [])).sort()
  return { root, storage, another, upload, put, parts, below }
}

/** Sent half; `end` sends the rest. */
async function beginPart({ storage, upload }: Awaited<ReturnType<typeof beginUpload>>, part: number) {
  const body = new PassThrough()
  const sent = storage.parts.put(upload, { part, body, size: 20 })
  body.write(Buffer.alloc(10))
  await once(body, 'resume')
  return { sent, end: () => body.end(Buffer.alloc(10)) }
}

t.test('an upload that is completed many times at once is joined once, and all have the same answer', async (t) => {
  const { storage, upload, parts, below } = await beginUpload(t)
  const answers = await Promise.all(Array.from({ length: 20 }, async () => storage.parts.complete(upload, await storage.parts.list(upload))))
  t.match(answers[0], { key: 'film', size: first.length + last.length })
  t.same(new Set(answers.map(({ etag }) => etag)).size, 1, 'of one and the same file')
  t.equal((await storage.stat('film'))?.etag, answers[0]?.etag)
  t.same([await below('parts'), await below('incoming')], [[], []])
  await t.rejects(storage.parts.complete(upload, parts), unknown)
})

t.test('of two processes one joins an upload; to the other it is unknown, and the object is not replaced', async (t) => {
  const { storage, another, upload, parts } = await beginUpload(t)
  const answers = await Promise.allSettled([storage, another].map((one) => one.parts.complete(upload, parts)))
  t.same(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.match(
    answers.find(({ status }) => status === 'rejected'),
    { reason: unknown },
  )
  const made = answers.find((one) => one.status === 'fulfilled')
  t.equal((await storage.stat('film'))?.etag, made?.value.etag)
})

t.test('while parts are joined they can be listed, and none is replaced or joined by anybody else', async (t) => {
  const { root, another, upload, put, parts, below } = await beginUpload(t)
  // As a process that was killed leaves it.
  await rename(join(root, 'parts', upload.id), join(root, 'parts', `${upload.id}.joining`))
  t.same(await another.parts.list(upload), parts)
  await t.rejects(put(1, first), unknown)
  await t.rejects(another.parts.complete(upload, parts), unknown)
  t.same(await below('parts'), [`${upload.id}.joining`])
  await another.sweep(new Date(Date.now() - 60_000), '')
  t.same(await another.parts.list(upload), parts, 'not swept while it is new')
  await another.sweep(new Date(Date.now() + 60_000), '')
  t.same(await below('parts'), [])
})

t.test('an upload that is being joined can be given up', async (t) => {
  const { root, storage, upload, below } = await beginUpload(t)
  await rename(join(root, 'parts', upload.id), join(root, 'parts', `${upload.id}.joining`))
  await storage.parts.abort(upload)
  t.same(await below('parts'), [])
})

t.test('parts that could not be joined stay, and are joined when they can be', async (t) => {
  const { root, storage, parts, below } = await beginUpload(t)
  const upload = { key: 'blocked/film', id: await storage.parts.begin('blocked/film', kind) }
  const part = await storage.parts.put(upload, { part: 1, body: Readable.from([last]), size: last.length })
  await writeFile(join(root, 'objects'), 'in the way')
  await t.rejects(Promise.all([1, 2].map(() => storage.parts.complete(upload, [part]))), { message: 'the storage: refused' })
  t.same([await storage.parts.list(upload), await below('incoming')], [[part], []])
  await rename(join(root, 'objects'), join(root, 'elsewhere'))
  await storage.parts.complete(upload, [part])
  const found = await storage.read('blocked/film')
  t.same(found && (await buffer(found.stream)), last)
  t.equal(parts.length, 2)
})

t.test('a part whose body ends after its upload was given up, or completed, is refused, and nothing of it is kept', async (t) => {
  for (const end of ['abort', 'complete'] as const) {
    const tools = await beginUpload(t)
    const { storage, upload, parts, below } = tools
    const late = await beginPart(tools, 2)
    if (end === 'abort') await storage.parts.abort(upload)
    else await storage.parts.complete(upload, parts)
    late.end()
    await t.rejects(late.sent, unknown, end)
    t.same([await below('parts'), await below('incoming')], [[], []])
  }
})

t.test('a part has the etag that it is listed with', async (t) => {
  const { storage, upload, parts } = await beginUpload(t)
  t.same(await storage.parts.list(upload), parts)
})
