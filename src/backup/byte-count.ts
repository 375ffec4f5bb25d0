import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

export interface ByteFacts {
  size: number
  sha256: string
}

/** Counts and hashes what it is shown. */
export function createByteCount() {
  const hash = createHash('sha256')
  let size = 0
  return {
    see(chunk: Uint8Array): void {
      size += chunk.length
      hash.update(chunk)
    },
    size: () => size,
    facts: (): ByteFacts => ({ size, sha256: hash.digest('hex') }),
  }
}

export interface Station {
  /** Is waited for before the bytes go on. */
  each(chunk: Uint8Array): Promise<void> | void
  /** Is waited for before the end is told: what it throws breaks the stream off. */
  end(): Promise<void> | void
}

/** A stream that lets bytes through. */
export function passThrough({ each, end }: Station): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const passed = each(chunk)
      if (passed) passed.then(() => done(null, chunk), done)
      else done(null, chunk)
    },
    flush(done) {
      Promise.resolve(end()).then(() => done(), done)
    },
  })
}
