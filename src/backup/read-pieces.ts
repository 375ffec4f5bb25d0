import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type ObjectStorage, StorageFailure } from '../storage/object-storage.ts'

const pieceSize = 1024 * 1024
const tries = 4

export interface StoredFile {
  key: string
  size: number
}

/**
 * A large object piece by piece, the next one under way while the last is read: whoever restores it may stop for minutes at an index, which no connection
 * outlasts, and one that breaks off costs a piece and not the hour before it.
 */
export function readPieces(storage: ObjectStorage, file: StoredFile): Readable {
  return Readable.from(pieces(storage, file), { objectMode: false, highWaterMark: 1 })
}

async function* pieces(storage: ObjectStorage, { key, size }: StoredFile): AsyncGenerator<Buffer> {
  const fetchFrom = (first: number) => {
    const piece = readPiece(storage, key, { first, last: Math.min(first + pieceSize, size) - 1 })
    // It is looked at when its turn comes, or never.
    piece.catch(() => {})
    return piece
  }
  let next = size > 0 ? fetchFrom(0) : undefined
  for (let at = 0; next; at += pieceSize) {
    const piece = await next
    next = at + pieceSize < size ? fetchFrom(at + pieceSize) : undefined
    yield piece
  }
}

async function readPiece(storage: ObjectStorage, key: string, range: { first: number; last: number }): Promise<Buffer> {
  const wanted = range.last - range.first + 1
  for (let left = tries; ; left--) {
    try {
      const body = await storage.read(key, range)
      if (!body) throw new StorageFailure('mismatch')
      const piece = await buffer(body.stream)
      if (piece.length === wanted) return piece
      throw new StorageFailure('unavailable')
    } catch (error) {
      if (left <= 1 || (error instanceof StorageFailure && error.reason !== 'unavailable')) throw asFailure(error)
    }
  }
}

function asFailure(error: unknown): StorageFailure {
  return error instanceof StorageFailure ? error : new StorageFailure('unavailable', error)
}
