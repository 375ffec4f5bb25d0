import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { ObjectKind } from '../storage/object-storage.ts'
import type { End } from './manifest.ts'
import { createPartChain } from './part-chain.ts'

export interface ArchiveWriter {
  part(name: string, text: string): Promise<void>
  object(key: string, body: { stream: Readable; size: number }, kind: ObjectKind): Promise<void>
}

export const manifestName = 'manifest.json'
export const endName = 'end.json'
export const objectFolder = 'objects/'
/** What a reader has to know of an object that neither its bytes nor its name tell, as pax attributes (POSIX.1-2001). */
export const pax = { contentType: 'TENANTRY.contentType', archive: 'TENANTRY.archive' } as const

export interface Archive {
  bytes: AsyncIterable<Uint8Array>
  /** However it ended, and also where nobody read it: nothing is under way any more afterwards. */
  close(): Promise<void>
}

/** A tar of what `fill` writes, and at its end what there has to be. It is made as it is read; where `fill` fails, reading does. */
export function writeArchive(fill: (writer: ArchiveWriter) => Promise<void>): Archive {
  const tar = pack()
  // Its reader is told.
  tar.on('error', () => {})
  let work = Promise.resolve()
  const begin = async () => {
    const { writer, end } = createWriter(tar)
    await fill(writer)
    await addBytes(tar, endName, Buffer.from(JSON.stringify(end())))
    tar.finalize()
  }
  async function* bytes(): AsyncGenerator<Uint8Array> {
    work = begin().catch((error) => tar.destroy(error))
    for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk
  }
  return {
    bytes: bytes(),
    async close() {
      tar.destroy()
      await work
    },
  }
}

function createWriter(tar: Pack): { writer: ArchiveWriter; end(): End } {
  const chain = createPartChain()
  const sum = { objects: 0, objectBytes: 0 }
  const writer: ArchiveWriter = {
    async part(name, text) {
      const bytes = Buffer.from(text)
      await addBytes(tar, name, bytes)
      chain.add({ name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    },
    async object(key, { stream, size }, { contentType, archive = false }) {
      const name = objectFolder + key
      const hash = createHash('sha256')
      const hashed = stream.on('data', (chunk: Uint8Array) => void hash.update(chunk)).pause()
      const attributes = { [pax.contentType]: contentType, [pax.archive]: archive ? 'yes' : 'no' }
      await pipeline(hashed, tar.entry({ name, size, pax: attributes }))
      chain.add({ name, size, sha256: hash.digest('hex') })
      sum.objects++
      sum.objectBytes += size
    },
  }
  return { writer, end: () => ({ parts: chain.count(), ...sum, sha256: chain.sha256() }) }
}

function addBytes(tar: Pack, name: string, bytes: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    tar.entry({ name, size: bytes.length }, bytes, (error) => (error ? fail(error) : done()))
  })
}
