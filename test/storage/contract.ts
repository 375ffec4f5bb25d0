import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import { leastPartSize, type ObjectStorage, type PartUpload, StorageFailure, type StorageReason } from '../../src/storage/object-storage.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { eventually } from '../eventually.ts'

/** With this reason. */
const fails = (t: Test, work: Promise<unknown>, reason: StorageReason, title: string = reason) =>
  t.rejects(work, { name: 'StorageFailure', message: `the storage: ${reason}` }, title)

const contentType = 'application/octet-stream'
const MB = 1024 * 1024

/** What both drivers do, whichever it is. Keys of each test are below a folder of its own. */
export function storageContract(t: Test, storage: ObjectStorage): void {
  const folder = () => `contract/${randomUUID()}`
  const readAll = async (key: string, range?: { first: number; last: number }) => {
    const found = await storage.read(key, range)
    return found && buffer(found.stream)
  }
  const keysBelow = async (prefix: string) => (await Array.fromAsync(storage.list(prefix))).map(({ key }) => key)
  const part = (upload: PartUpload, number: number, body: Buffer, size = body.length) =>
    storage.parts.put(upload, { part: number, body: Readable.from([body]), size })

  /** In place of one that has come. Servers that keep both tell them apart by the second: until that is over the part counts as not there. */
  const partAgain = async (t: Test, upload: PartUpload, number: number, body: Buffer) => {
    const sent = await part(upload, number, body)
    await eventually(t, 'the newer part is listed', async () => {
      if ((await storage.parts.list(upload)).some(({ etag }) => etag === sent.etag)) return true
      await part(upload, number, body)
      return false
    })
    return (await storage.parts.list(upload)).find((found) => found.part === number) ?? sent
  }

  t.test('what is put is read, whole and in ranges, described and listed', async (t) => {
    const [key, bytes] = [`${folder()}/file.bin`, randomBytes(100_000)]
    for (const body of [bytes, Readable.from([bytes.subarray(0, 5), bytes.subarray(5)])]) {
      const put = await storage.put(key, body, { contentType })
      t.match(put, { key, size: bytes.length })
      t.ok(put.etag)
      t.same(await readAll(key), bytes)
    }
    t.same(await readAll(key, { first: 10, last: 19 }), bytes.subarray(10, 20))
    t.same(await readAll(key, { first: 99_990, last: 99_999 }), bytes.subarray(-10))
    const described = await storage.stat(key)
    t.match(described, { key, size: bytes.length })
    t.ok(Math.abs(Date.now() - (described?.modifiedAt.getTime() ?? 0)) < 60_000)
    const ranged = await storage.read(key, { first: 0, last: 0 })
    t.match(ranged, { size: bytes.length, etag: described?.etag }, 'of the whole, whatever part was asked for')
    ranged?.stream.destroy()
    t.match(await Array.fromAsync(storage.list(key)), [{ key, size: bytes.length, etag: described?.etag }])
  })

  t.test('an object that takes another’s place has another etag; one without a byte is one', async (t) => {
    const key = `${folder()}/file`
    await storage.put(key, Buffer.from('one'), { contentType })
    const before = await storage.stat(key)
    await storage.put(key, Buffer.from('two'), { contentType })
    t.not((await storage.stat(key))?.etag, before?.etag)
    await storage.put(key, Buffer.alloc(0), { contentType })
    t.same(await readAll(key), Buffer.alloc(0))
    t.match(await storage.stat(key), { size: 0 })
  })

  t.test('what is not there is undefined, and as good as removed', async (t) => {
    const key = `${folder()}/nothing`
    t.equal(await storage.read(key), undefined)
    t.equal(await storage.stat(key), undefined)
    t.same(await keysBelow(key), [])
    await storage.remove([key])
    await storage.put(key, Buffer.from('x'), { contentType })
    await storage.remove([key, `${key}-else`])
    t.equal(await storage.stat(key), undefined)
    await storage.remove([])
  })

  t.test('what only other keys begin with is no object', async (t) => {
    const here = folder()
    await storage.put(`${here}/a/b`, Buffer.from('x'), { contentType })
    for (const key of [here, `${here}/a`]) {
      t.equal(await storage.stat(key), undefined)
      t.equal(await storage.read(key), undefined)
    }
    await storage.remove([`${here}/a`])
    t.match(await storage.stat(`${here}/a/b`), { size: 1 }, 'and removing it removes nothing')
  })

  t.test('objects come and go beside each other at once', async (t) => {
    const here = folder()
    const rounds = Array.from({ length: 40 }, async (_, at) => {
      const key = `${here}/${at % 4}/${at}`
      await storage.put(key, Buffer.from(key), { contentType })
      await storage.remove([key])
    })
    await Promise.all(rounds)
    t.same(await keysBelow(here), [])
  })

  t.test('lists go in the order of keys, by any prefix', async (t) => {
    const here = folder()
    const names = ['a', 'a-1', 'a.txt', 'a0/b/c', 'a0/b/d', 'b', 'B']
    await Promise.all(names.map((name) => storage.put(`${here}/${name}`, Buffer.from(name), { contentType })))
    const at = (list: string[]) => list.map((name) => `${here}/${name}`)
    t.same(await keysBelow(`${here}/`), at(['B', 'a', 'a-1', 'a.txt', 'a0/b/c', 'a0/b/d', 'b']))
    t.same(await keysBelow(`${here}/a`), at(['a', 'a-1', 'a.txt', 'a0/b/c', 'a0/b/d']))
    t.same(await keysBelow(`${here}/a0/b/`), at(['a0/b/c', 'a0/b/d']))
    t.same(await keysBelow(`${here}/c`), [])
    await storage.remove(at(names))
    t.same(await keysBelow(here), [], 'nothing is left of it')
  })

  t.test('more than a thousand are listed and removed', async (t) => {
    const here = folder()
    const keys = Array.from({ length: 1_010 }, (_, at) => `${here}/${String(at).padStart(5, '0')}`)
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => storage.put(key, Buffer.from('x'), { contentType })))
    }
    t.same(await keysBelow(here), keys)
    await storage.remove(keys)
    t.same(await keysBelow(here), [])
  })

  t.test('many megabytes go through as they are', async (t) => {
    const [key, bytes] = [`${folder()}/large`, randomBytes(13 * MB + 17)]
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 65_000) yield bytes.subarray(at, at + 65_000)
    }
    t.match(await storage.put(key, Readable.from(chunks()), { contentType }), { size: bytes.length })
    t.ok((await readAll(key))?.equals(bytes))
  })

  t.test('parts come in any order, once more or again, and become one object', async (t) => {
    const key = `${folder()}/parts`
    const [first, second, third] = [randomBytes(leastPartSize), randomBytes(leastPartSize + 1), randomBytes(10)]
    const upload = { key, id: await storage.parts.begin(key, { contentType }) }
    t.same(await storage.parts.list(upload), [])
    await part(upload, 3, third)
    await part(upload, 1, randomBytes(leastPartSize))
    await part(upload, 2, second)
    const again = await partAgain(t, upload, 1, first)
    const parts = await storage.parts.list(upload)
    t.match(parts, [
      { ...again, part: 1 },
      { part: 2, size: second.length },
      { part: 3, size: third.length },
    ])
    t.equal(await storage.stat(key), undefined, 'not there before it is complete')
    t.match(await storage.parts.complete(upload, parts), { key, size: first.length + second.length + third.length })
    t.ok((await readAll(key))?.equals(Buffer.concat([first, second, third])))
    await fails(t, storage.parts.complete(upload, parts), 'unknown-upload', 'once')
  })

  t.test('parts that are not what they should be make no object, and the upload goes on', async (t) => {
    const key = `${folder()}/parts`
    const upload = { key, id: await storage.parts.begin(key, { contentType }) }
    for (const size of [9, 11]) await fails(t, part(upload, 1, randomBytes(10), size), 'mismatch', `${size} for 10`)
    t.same(await storage.parts.list(upload), [], 'a part of another size is none')
    await fails(t, storage.parts.complete(upload, []), 'mismatch', 'no part')
    const small = await part(upload, 1, randomBytes(100))
    const last = await part(upload, 2, randomBytes(100))
    await fails(t, storage.parts.complete(upload, [small, last]), 'mismatch', 'less than 5 MiB in the middle')
    await fails(t, storage.parts.complete(upload, [small]), 'mismatch', 'not all of them')
    const large = await partAgain(t, upload, 1, randomBytes(leastPartSize))
    await fails(t, storage.parts.complete(upload, [small, last]), 'mismatch', 'one that was replaced')
    t.equal(await storage.stat(key), undefined)
    t.match(await storage.parts.complete(upload, [large, last]), { size: leastPartSize + 100 })
  })

  t.test('an upload belongs to its key, and is over when it is aborted', async (t) => {
    const key = `${folder()}/parts`
    const upload = { key, id: await storage.parts.begin(key, { contentType }) }
    for (const id of ['', 'made-up', '../../objects', randomUUID()]) {
      await t.rejects(storage.parts.list({ key, id }), StorageFailure, `id ${id}`)
      await t.rejects(part({ key, id }, 1, randomBytes(1)), StorageFailure)
    }
    await fails(t, storage.parts.list({ key: `${key}-other`, id: upload.id }), 'unknown-upload')
    await part(upload, 1, randomBytes(1))
    await storage.parts.abort(upload)
    await storage.parts.abort(upload)
    await fails(t, storage.parts.list(upload), 'unknown-upload')
    t.equal(await storage.stat(key), undefined)
  })

  t.test('sweeping removes uploads of before that time, and nothing else', async (t) => {
    const here = folder()
    await storage.put(`${here}/kept`, Buffer.from('kept'), { contentType })
    const upload = { key: `${here}/parts`, id: await storage.parts.begin(`${here}/parts`, { contentType }) }
    await part(upload, 1, randomBytes(10))
    await storage.sweep(new Date(Date.now() - 60_000), here)
    t.equal((await storage.parts.list(upload)).length, 1)
    await storage.sweep(new Date(Date.now() + 60_000), here)
    await fails(t, storage.parts.list(upload), 'unknown-upload')
    t.same(await readAll(`${here}/kept`), Buffer.from('kept'))
  })

  t.test('a tenant’s storage has keys below its own folder, which none leads out of', async (t) => {
    const [one, other] = [randomUUID(), randomUUID()]
    const [mine, theirs] = [tenantStorage(storage, one), tenantStorage(storage, other)]
    t.match(await mine.put('media/a.txt', Buffer.from('mine'), { contentType }), { key: 'media/a.txt' })
    await theirs.put('media/a.txt', Buffer.from('theirs'), { contentType })
    t.same(await readAll(`tenants/${one}/media/a.txt`), Buffer.from('mine'))
    t.match(await Array.fromAsync(mine.list('')), [{ key: 'media/a.txt', size: 4 }])
    t.match(await mine.stat('media/a.txt'), { key: 'media/a.txt' })
    const found = await mine.read('media/a.txt')
    t.equal(found?.key, 'media/a.txt')
    found?.stream.destroy()
    const outside = [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '..',
      '../a',
      `../${other}/media/a.txt`,
      'a/../b',
      './a',
      '.a',
      'a/.b',
      'a\\b',
      'a\0',
      'a b',
      'é',
      '%2e%2e/a',
      'a'.repeat(101),
    ]
    for (const key of outside) {
      await t.rejects(mine.read(key), TypeError, `read ${key}`)
      await t.rejects(mine.put(key, Buffer.from('x'), { contentType }), TypeError)
      await t.rejects(mine.remove([key]), TypeError)
      await t.rejects(mine.parts.begin(key, { contentType }), TypeError)
      await t.rejects(mine.parts.list({ key, id: 'x' }), TypeError)
      if (key !== '' && key !== 'a/') await t.rejects(Array.fromAsync(mine.list(key)), TypeError)
    }
    for (const id of ['', '..', 'not-an-id', `${one}/..`, one.toUpperCase()]) t.throws(() => tenantStorage(storage, id), TypeError, id)
    await mine.remove(['media/a.txt'])
    t.same(await readAll(`tenants/${other}/media/a.txt`), Buffer.from('theirs'))
  })
}
