import { type Readable, Transform } from 'node:stream'
import { StorageFailure } from './object-storage.ts'

/** What somebody sends, counted on its way. A body that breaks off is the sender's failure and not the storage's. */
export interface Sender {
  stream: Readable
  /** Bytes so far. */
  count(): number
}

export interface Passing {
  /** Any other number of bytes is a `mismatch`, found out at the first one too many. */
  exactly?: number
  see?: (chunk: Uint8Array) => void
}

/**
 * A transform, because generators that hand chunks on one by one took half a second of processor time for a GiB, each. The body is its caller's: where it
 * is not read to its end it is let go of, and not destroyed, since that would take the connection along on which the caller has to answer.
 */
export function countedSender(body: Readable | Uint8Array, { exactly, see = () => {} }: Passing = {}): Sender {
  let count = 0
  const stream = new Transform({
    // Chunk by chunk: a reader of bytes would be given those that wait as one, copied together.
    readableObjectMode: true,
    readableHighWaterMark: 2,
    transform(chunk: Uint8Array, _encoding, done) {
      count += chunk.length
      if (exactly !== undefined && count > exactly) return done(new StorageFailure('mismatch'))
      see(chunk)
      done(null, chunk)
    },
    flush(done) {
      done(exactly !== undefined && count < exactly ? new StorageFailure('mismatch') : null)
    },
  })
  // It may fail before anybody reads it; whoever does is told.
  stream.on('error', () => {})
  if (body instanceof Uint8Array) stream.end(body)
  else follow(body, stream)
  return { stream, count: () => count }
}

function follow(body: Readable, stream: Transform): void {
  const breakOff = (cause?: unknown) => void stream.destroy(cause instanceof StorageFailure ? cause : new StorageFailure('broken-off', cause))
  if (body.destroyed) {
    breakOff(body.errored)
    return
  }
  body.on('error', breakOff)
  body.once('close', () => {
    if (!body.readableEnded) breakOff()
  })
  stream.once('close', () => body.unpipe(stream))
  body.pipe(stream)
}
