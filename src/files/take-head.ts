import { Readable } from 'node:stream'

export interface HeadAndWhole {
  /** The first bytes, as many as were asked for unless the stream has fewer. */
  head: Buffer
  /** All of it, those first bytes included. */
  whole: Readable
}

/** Looks at how a stream begins, before anybody decides what becomes of it. */
export async function takeHead(stream: Readable, count: number): Promise<HeadAndWhole> {
  const taken: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    taken.push(chunk)
    size += chunk.length
    if (size >= count) break
  }
  const beginning = Buffer.concat(taken)
  if (!stream.readableEnded) stream.unshift(beginning)
  return { head: beginning.subarray(0, count), whole: stream.readableEnded ? Readable.from([beginning], { objectMode: false }) : stream }
}
