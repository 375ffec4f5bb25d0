import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { StorageConfig } from '../../src/config.ts'
import { leastPartSize, type ObjectStorage, StorageFailure } from '../../src/storage/object-storage.ts'
import { eventually } from '../eventually.ts'
import { underWay } from './under-way.ts'

const contentType = 'application/octet-stream'
const sizes = { 'in one piece': 1_000, 'in parts': 12 * 1024 * 1024 }

/** What both drivers do with a body that does not come to its end. */
export function brokenBodies(t: Test, storage: ObjectStorage, config: StorageConfig): void {
  const arriving = underWay(t, config)
  for (const [title, size] of Object.entries(sizes)) {
    t.test(`a body that breaks off, ${title}, leaves what was there before, and nothing else`, async (t) => {
      const key = `broken/${randomUUID()}/file`
      await storage.put(key, Buffer.from('before'), { contentType })
      const nothingElse = async () => {
        await eventually(t, 'no part of it is left', async () => (await arriving()).length === 0, 10_000)
        const found = await storage.read(key)
        t.same(found && (await buffer(found.stream)), Buffer.from('before'))
        t.match(await Array.fromAsync(storage.list(key)), [{ key }])
      }
      /** Ends when some of it is at the storage: what is less than a part waits for the rest. */
      async function* half(end: () => void) {
        yield randomBytes(size)
        if (size > leastPartSize) await eventually(t, 'a part of it has come', async () => (await arriving()).length === 1, 10_000)
        end()
        yield randomBytes(size)
      }
      const gone = () => {
        throw new Error('the client is gone')
      }
      const broken = { name: 'StorageFailure', message: 'the storage: broken-off' }
      await t.rejects(storage.put(key, Readable.from(half(gone)), { contentType }), broken)
      await nothingElse()
      const stopped = new AbortController()
      const body = Readable.from(half(() => stopped.abort()))
      await t.rejects(storage.put(key, body, { contentType, signal: stopped.signal }), StorageFailure)
      await nothingElse()
      await t.rejects(storage.put(key, Readable.from([randomBytes(size)]), { contentType, signal: stopped.signal }), StorageFailure)
      await nothingElse()
    })
  }
}
