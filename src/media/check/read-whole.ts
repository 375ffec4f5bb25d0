import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { TenantStorage } from '../../storage/tenant-storage.ts'
import { MediaRefusal } from './media-refusal.ts'

export interface Reading {
  /** A file that gets a copy. */
  to?: string
  /** Whether it has to be UTF-8 to its end. */
  text?: boolean
}

/** Reads an object once, from beginning to end, and answers its SHA-256 in hex. */
export async function readWhole(storage: TenantStorage, key: string, { to, text = false }: Reading): Promise<string> {
  const found = await storage.read(key)
  if (!found) throw new MediaRefusal('lost')
  const hash = createHash('sha256')
  const look = text ? utf8Check() : () => {}
  async function* seen(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      look(chunk)
      if (to) yield chunk
    }
    look()
  }
  if (to) await pipeline(found.stream, seen, createWriteStream(to, { flags: 'wx' }))
  else await pipeline(found.stream, seen, async (chunks: AsyncIterable<Uint8Array>) => Array.fromAsync(chunks))
  return hash.digest('hex')
}

/** Neither NUL nor anything that is no UTF-8; without a chunk: the end. */
function utf8Check(): (chunk?: Uint8Array) => void {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return (chunk) => {
    try {
      if (!decoder.decode(chunk, { stream: chunk !== undefined }).includes('\u0000')) return
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
    throw new MediaRefusal('not-text')
  }
}
