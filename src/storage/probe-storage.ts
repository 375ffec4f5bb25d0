import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { newId } from '../security/random-token.ts'
import { type ObjectStorage, StorageFailure } from './object-storage.ts'

/** Does all that the service does, with an object of its own that it removes again. Throws a StorageFailure that says what does not work. */
export async function probeStorage(storage: ObjectStorage): Promise<void> {
  // Where a role of least privilege may write; no tenant has that for an id.
  const [key, bytes] = [`tenants/probe/${newId()}`, randomBytes(1_000)]
  const kind = { contentType: 'application/octet-stream', archive: true }
  try {
    await storage.put(key, Readable.from([bytes]), kind)
    const found = await storage.read(key, { first: 0, last: bytes.length - 1 })
    if (!found || !(await buffer(found.stream)).equals(bytes)) throw new StorageFailure('mismatch')
    if ((await Array.fromAsync(storage.list(key))).length !== 1) throw new StorageFailure('mismatch')
    const upload = { key, id: await storage.parts.begin(key, kind) }
    try {
      await storage.parts.put(upload, { part: 1, body: Readable.from([bytes]), size: bytes.length })
    } finally {
      await storage.parts.abort(upload)
    }
  } finally {
    await storage.remove([key])
  }
}
