import { Readable } from 'node:stream'
import { StorageFailure } from './object-storage.ts'

/** What somebody sends, counted on its way. A body that breaks off is the sender's failure and not the storage's. */
export interface Sender {
  stream: Readable
  /** Bytes so far. */
  count(): number
}

/** `exactly`: any other number of bytes is a `mismatch`, found out at the first one too many. */
export function countedSender(body: Readable | Uint8Array, exactly?: number): Sender {
  let count = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of told(body)) {
      count += chunk.length
      if (exactly !== undefined && count > exactly) throw new StorageFailure('mismatch')
      yield chunk
    }
    if (exactly !== undefined && count < exactly) throw new StorageFailure('mismatch')
  }
  return { stream: Readable.from(chunks(), { objectMode: false }), count: () => count }
}

async function* told(body: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) return yield body
  try {
    for await (const chunk of body) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  } catch (cause) {
    throw cause instanceof StorageFailure ? cause : new StorageFailure('broken-off', cause)
  }
}
