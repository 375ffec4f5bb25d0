import type { Readable } from 'node:stream'

export interface HeadAndWhole {
  /** The first bytes, as many as were asked for unless the stream has fewer. */
  head: Buffer
  /** All of it, those first bytes included; each chunk is shown to `see` on its way. To be read once, or the stream destroyed. */
  whole(see?: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array>
}

/** Looks at how a stream begins, before anybody decides what becomes of it. */
export async function takeHead(stream: Readable, count: number): Promise<HeadAndWhole> {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  for (let size = 0; size < count; ) {
    const { value, done } = await chunks.next()
    if (done) break
    taken.push(value)
    size += value.length
  }
  return {
    head: Buffer.concat(taken).subarray(0, count),
    async *whole(see = () => {}) {
      try {
        for (const chunk of taken.splice(0)) {
          see(chunk)
          yield chunk
        }
        for (let step = await chunks.next(); !step.done; step = await chunks.next()) {
          see(step.value)
          yield step.value
        }
      } finally {
        // Whoever stops half-way leaves nobody waiting for the rest.
        await chunks.return?.()
      }
    },
  }
}
