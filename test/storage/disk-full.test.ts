import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { leastPartSize } from '../../src/storage/object-storage.ts'
import { mountSmallDisk } from './small-disk.ts'

const MB = 1024 ** 2
const kind = { contentType: 'application/octet-stream' }
const full = { name: 'StorageFailure', message: 'the storage: full' }

const root = await mountSmallDisk(t, 32)
if (root) {
  const storage = createDiskStorage(root)
  const below = async (folder: string) => (await readdir(`${root}/${folder}`, { recursive: true }).catch(() => [])).sort()
  const stream = (bytes: Buffer) => Readable.from([bytes], { objectMode: false })
  const readAll = async (key: string) => {
    const found = await storage.read(key)
    return found && buffer(found.stream)
  }

  t.test('an object for which there is no room is full, what was there before stays, and nothing of it is left', async (t) => {
    await storage.put('a', Buffer.from('before'), kind)
    await t.rejects(storage.put('a', stream(randomBytes(40 * MB)), kind), full)
    await t.rejects(storage.put('b/c', randomBytes(40 * MB), kind), full)
    t.same(await readAll('a'), Buffer.from('before'))
    t.equal(await storage.stat('b/c'), undefined)
    t.same([await below('objects'), await below('incoming')], [['a'], []])
    const fits = randomBytes(20 * MB)
    await storage.put('a', stream(fits), kind)
    t.ok((await readAll('a'))?.equals(fits), 'and there is room again for what fits')
    await storage.remove(['a'])
  })

  t.test('a part for which there is no room is full, those before it stay, and the upload goes on', async (t) => {
    const upload = { key: 'parts', id: await storage.parts.begin('parts', kind) }
    const [first, second] = [randomBytes(leastPartSize), randomBytes(10)]
    const put = (part: number, bytes: Buffer) => storage.parts.put(upload, { part, body: stream(bytes), size: bytes.length })
    await put(1, first)
    await t.rejects(put(2, randomBytes(30 * MB)), full)
    await t.rejects(put(1, randomBytes(30 * MB)), full)
    t.match(await storage.parts.list(upload), [{ part: 1, size: first.length }])
    t.same(await below('incoming'), [])
    await put(2, second)
    await storage.parts.complete(upload, await storage.parts.list(upload))
    t.ok((await readAll('parts'))?.equals(Buffer.concat([first, second])))
    await storage.remove(['parts'])
  })

  t.test('parts that have no room as one object are full and stay, and become it when there is room', async (t) => {
    const upload = { key: 'joined', id: await storage.parts.begin('joined', kind) }
    const parts = [randomBytes(leastPartSize), randomBytes(leastPartSize)]
    for (const [at, bytes] of parts.entries()) await storage.parts.put(upload, { part: at + 1, body: stream(bytes), size: bytes.length })
    await storage.put('ballast', randomBytes(15 * MB), kind)
    const listed = await storage.parts.list(upload)
    await t.rejects(storage.parts.complete(upload, listed), full)
    t.equal(await storage.stat('joined'), undefined)
    t.same(await below('incoming'), [])
    t.same(await storage.parts.list(upload), listed)
    await storage.remove(['ballast'])
    await storage.parts.complete(upload, listed)
    t.ok((await readAll('joined'))?.equals(Buffer.concat(parts)))
    await storage.remove(['joined'])
    t.same(await below('parts'), [])
  })

  t.test('where there is no room at all no upload begins, nothing is left of it, and what is there can be read and removed', async (t) => {
    for (let [size, count] = [32 * MB, 0]; size >= 1; count++) {
      try {
        await storage.put(`ballast/${count}`, Buffer.alloc(size), kind)
      } catch {
        size = Math.floor(size / 2)
      }
    }
    await t.rejects(storage.parts.begin('more', kind), full)
    await t.rejects(storage.put('more', Buffer.from('x'), kind), full)
    t.same([await below('parts'), await below('incoming')], [[], []])
    const ballast = (await Array.fromAsync(storage.list('ballast/'))).map(({ key }) => key)
    t.ok(ballast.length > 0)
    await storage.remove(ballast)
    t.ok(await storage.parts.begin('more', kind))
  })
}
