import type { Readable } from 'node:stream'
import { type Options, Upload } from '@aws-sdk/lib-storage'

type Uploader = (parts: AsyncIterable<Part>) => Promise<void>

/** As lib-storage hands them from whoever cuts a body to whoever sends it. */
interface Part {
  partNumber: number
  data: Buffer
  lastPart?: true
}

/**
 * An upload by lib-storage whose parts take their memory in turns. lib-storage joins each part anew, and V8 lets 64 MB and more of what was sent lie about
 * before it collects any; here each of its uploaders has one part's memory, and asks for its next part when the last was taken.
 *
 * What is replaced is the feed of its uploaders, which is not public: under a lib-storage that is made otherwise it is not asked for, and all is as before.
 */
export function uploadInRefilledParts({ params, ...options }: Options & { partSize: number }, body: Readable): Upload {
  const upload = new Upload({ ...options, params: { ...params, Body: body } })
  const feed = refilledParts(body, options.partSize)
  const uploader: Uploader = Reflect.get(upload, '__doConcurrentUpload')
  return Object.defineProperty(upload, '__doConcurrentUpload', { value: () => Reflect.apply(uploader, upload, [feed()]) })
}

/** The parts of a body for several takers. A part is good until its taker asks for the next one. All end when one breaks off. */
export function refilledParts(body: AsyncIterable<Uint8Array>, partSize: number): () => AsyncGenerator<Part, void> {
  const chunks = body[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array()
  let partNumber = 0
  let isOver = false
  let turn: Promise<unknown> = Promise.resolve()

  async function fill(memory: Memory): Promise<Part | undefined> {
    let size = 0
    while (!isOver) {
      const taken = rest.subarray(0, partSize - size)
      rest = rest.subarray(taken.length)
      memory.write(taken, size)
      size += taken.length
      if (rest.length > 0) return { partNumber: ++partNumber, data: memory.read(size) }
      const next = await chunks.next()
      if (next.done) {
        isOver = true
        return { partNumber: ++partNumber, data: memory.read(size), lastPart: true }
      }
      rest = next.value
    }
    return undefined
  }

  return async function* parts() {
    const memory = memoryOf(partSize)
    const next = () => {
      const filled = turn.then(() => fill(memory))
      turn = filled
      return filled
    }
    try {
      for (let part = await next(); part; part = await next()) yield part
    } finally {
      isOver = true
    }
  }
}

interface Memory {
  write(chunk: Uint8Array, at: number): void
  read(size: number): Buffer
}

/** Grows to what is written, so that a small file takes little. */
function memoryOf(most: number): Memory {
  let memory = Buffer.allocUnsafeSlow(0)
  return {
    write(chunk, at) {
      if (at + chunk.length > memory.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(at + chunk.length, memory.length * 2)))
        larger.set(memory.subarray(0, at))
        memory = larger
      }
      memory.set(chunk, at)
    },
    read: (size) => memory.subarray(0, size),
  }
}
