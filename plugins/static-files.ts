import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'
import { chooseCoding } from '../src/files/accept-encoding.ts'
import type { BuiltAssets } from '../src/files/built-assets.ts'
import { readRange } from '../src/files/byte-range.ts'
import { createHashedFiles, type HashedFile } from '../src/files/hashed-files.ts'
import { matchesEtag } from '../src/tenancy/public-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    assets: BuiltAssets
  }
  interface FastifyReply {
    /**
     * A file whose name changes with what is in it, of the built ones or of another folder, in the encoding that the caller likes best among those that lie beside
     * it. Which file it is, routes decide; where there is none, 404.
     */
    sendFile(name: string, folder?: string): FastifyReply
  }
}

export interface StaticFilesOptions {
  assets: BuiltAssets
}

async function staticFilesPlugin(app: FastifyInstance, { assets }: StaticFilesOptions): Promise<void> {
  const files = createHashedFiles()
  app.decorate('assets', assets)
  app.decorateReply('sendFile', function (name: string, folder = assets.folder) {
    const found = files.read(folder, name)
    if (found instanceof Promise) found.then((file) => answer(this, file)).catch((error) => this.send(error))
    else answer(this, found)
    return this
  })
}

function answer(reply: FastifyReply, file: HashedFile | undefined): void {
  if (!file) throw problem('ROUTE_UNKNOWN')
  const { method, headers } = reply.request
  const coding = chooseCoding(headers['accept-encoding'], file.codings)
  const { bytes, etag } = file.in(coding)
  const asked = headers['if-range'] ?? etag
  // RFC 9110, 14.2 and 13.1.5: for GET alone, and where the rest that the caller has is of these very bytes.
  const range = method === 'GET' && asked === etag ? readRange(headers.range, bytes.length) : undefined
  const isKnown = matchesEtag(headers['if-none-match'], etag)
  addVary(reply)
  if (range === 'none' && !isKnown) {
    reply.header('content-range', `bytes */${bytes.length}`)
    throw problem('RANGE_UNSATISFIABLE')
  }
  reply.headers({ etag, 'cache-control': 'public, max-age=31536000, immutable', 'accept-ranges': 'bytes' })
  if (isKnown) {
    reply.code(304).send()
    return
  }
  if (coding !== 'identity') reply.header('content-encoding', coding)
  reply.type(file.type)
  if (range === undefined || range === 'none') {
    reply.send(bytes)
    return
  }
  reply.code(206).header('content-range', `bytes ${range.from}-${range.to}/${bytes.length}`)
  reply.send(bytes.subarray(range.from, range.to + 1))
}

/** Beside what stands there already: plugins/cors.ts has its own. */
function addVary(reply: FastifyReply): void {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? 'Accept-Encoding' : `${before}, Accept-Encoding`)
}

export const staticFiles = fp(staticFilesPlugin, { name: 'static-files', fastify: '5.x' })
