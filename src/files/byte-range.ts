import type { FastifyReply } from 'fastify'
import { problem } from '../errors.ts'

/** Bytes, the last one included. */
export interface ByteRange {
  first: number
  last: number
}

const single = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The part that a Range header asks for (RFC 9110, 14.1.2), or `none` where no byte of it is there. Undefined, for the whole: without the header, where it is not
 * well formed, and where it asks for several parts, which a server may leave alone (14.2).
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, from, to] = single.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return undefined
  if (from === '') return Number(to) === 0 || size === 0 ? 'none' : { first: Math.max(0, size - Number(to)), last: size - 1 }
  const range = { first: Number(from), last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
  if (to !== '' && Number(to) < range.first) return undefined
  return range.first < size ? range : 'none'
}

/**
 * The part of a representation that the request wants instead of the whole (RFC 9110, 14.2 and 13.1.5): for GET alone, and where the rest that the caller has is of
 * these very bytes. Throws RANGE_UNSATISFIABLE, and says how much there is, where no byte of it is there.
 */
export function wantedRange(reply: FastifyReply, { etag, size }: { etag: string; size: number }): ByteRange | undefined {
  const { method, headers } = reply.request
  if (method !== 'GET' || (headers['if-range'] ?? etag) !== etag) return undefined
  const range = readRange(headers.range, size)
  if (range !== 'none') return range
  reply.header('content-range', `bytes */${size}`)
  throw problem('RANGE_UNSATISFIABLE')
}
