import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { type ByteRange, wantedRange } from '../../files/byte-range.ts'
import { matchesEtag } from '../../tenancy/public-cache.ts'
import { openDelivery } from './open-delivery.ts'

export interface SentObject {
  key: string
  /** Bytes. */
  size: number
  /** Changes with the content. */
  mark: string
  contentType: string
  contentDisposition: string
  cacheControl: string
}

/** A page that is opened by itself can do nothing, whatever is in it: strangers' files come from the site's own origin. */
const policy = "sandbox; default-src 'none'"

/** Answers with an object of the storage: by ETag, by one range, or as a whole. To HEAD with what GET would say of it. */
export async function sendObject(request: FastifyRequest, reply: FastifyReply, object: SentObject): Promise<FastifyReply> {
  const { headers, method } = request
  const etag = `"${object.mark}"`
  reply.header('etag', etag).header('cache-control', object.cacheControl).header('content-security-policy', policy)
  // A page of a sibling site could otherwise tell by an image whether a file is there.
  if (object.cacheControl.startsWith('private')) reply.header('cross-origin-resource-policy', 'same-origin')
  if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).send()
  const range = wantedRange(reply, { etag, size: object.size })
  reply.headers({ 'accept-ranges': 'bytes', 'content-type': object.contentType, 'content-disposition': object.contentDisposition })
  describe(reply, object.size, range)
  if (method === 'HEAD') return reply.send()
  return reply.send(await openObject(request, reply, { key: object.key, range }))
}

/** For as long as it is open it counts for the caller's network. */
async function openObject({ ip, storage }: FastifyRequest, { raw }: FastifyReply, wanted: { key: string; range: ByteRange | undefined }) {
  const leave = await openDelivery(ip)
  try {
    const found = await storage.read(wanted.key, wanted.range)
    if (!found) throw problem('MEDIA_UNKNOWN')
    found.stream.once('close', leave)
    // Whoever has gone meanwhile closes nothing any more.
    if (raw.destroyed) found.stream.destroy()
    return found.stream
  } catch (error) {
    leave()
    throw error
  }
}

function describe(reply: FastifyReply, size: number, range: ByteRange | undefined): void {
  if (!range) {
    reply.header('content-length', size)
    return
  }
  reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${size}`)
  reply.header('content-length', range.last - range.first + 1)
}
