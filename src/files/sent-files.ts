import { buffer } from 'node:stream/consumers'
import type { FastifyReply } from 'fastify'
import { LRUCache } from 'lru-cache'

/** A whole file in one coding as it was sent once, and what was said of it. */
interface SentFile {
  bytes: Buffer
  headers: [name: string, value: unknown][]
}

/** Bytes of one file. */
export const largestKept = 256 * 1024
/** Bytes of all together. */
const mostKept = 16 * 1024 * 1024
/** Bytes that a file takes beside its own: its path, headers and place. */
const overhead = 1_024

/** What is said of a file whoever asks for it. */
const toldOfFiles = ['content-type', 'content-encoding', 'content-length', 'cache-control', 'accept-ranges', 'etag']

export type SentFiles = LRUCache<string, SentFile>

/** Small files whose name changes with what is in it, by path in one coding: those that were asked for last. */
export function createSentFiles(): SentFiles {
  return new LRUCache({ maxSize: mostKept, sizeCalculation: ({ bytes }) => bytes.length + overhead })
}

/** Takes what an answer sends to its end. */
export async function readAnswer(reply: FastifyReply, payload: NodeJS.ReadableStream): Promise<SentFile> {
  const said = toldOfFiles.filter((name) => reply.hasHeader(name))
  return { bytes: await buffer(payload), headers: said.map((name) => [name, reply.getHeader(name)]) }
}
