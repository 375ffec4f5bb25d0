import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'
import { chooseCoding, codingExtensions } from '../src/files/accept-encoding.ts'
import type { BuiltAssets } from '../src/files/built-assets.ts'
import { readRange } from '../src/files/byte-range.ts'
import { createFileCodings, type FileCodings } from '../src/files/file-codings.ts'
import { addVary } from '../src/tenancy/add-vary.ts'
import { matchesEtag } from '../src/tenancy/public-cache.ts'

declare module 'fastify' {
  interface FastifyInstance {
    assets: BuiltAssets
  }
  interface FastifyReply {
    /**
     * A file whose name changes with what is in it, of the built ones or of another folder, in the encoding that the caller likes best among those that lie beside
     * it (`.br`, `.gz`), to be kept for a year. Which file it is, routes decide; where there is none, 404.
     */
    sendHashed(name: string, folder?: string): FastifyReply
  }
}

export interface StaticFilesOptions {
  assets: BuiltAssets
}

/** Letters, digits, `_`, `-`, and dots inside: no path, nothing hidden; copies are no files of their own. */
const plainName = /^(?!.*\.(?:br|gz)$)[\w-]+(?:\.[\w-]+)+$/

/**
 * @fastify/static sends what lies there pre-compressed. What the caller wants is settled before it is asked, because it takes `*` for more than `br;q=0`, never
 * prefers `identity`, and knows tags of the time a file was written, which differ from one copy of the service to the next.
 */
async function staticFilesPlugin(app: FastifyInstance, { assets }: StaticFilesOptions): Promise<void> {
  await app.register(fastifyStatic, {
    root: assets.folder,
    serve: false,
    preCompressed: true,
    index: false,
    dotfiles: 'deny',
    etag: false,
    lastModified: false,
    maxAge: '365d',
    immutable: true,
  })
  const codingsOf = createFileCodings()
  app.decorate('assets', assets)
  app.decorateReply('sendHashed', function (name: string, folder = assets.folder) {
    const found = plainName.test(name) ? codingsOf(join(folder, name)) : undefined
    const answer = (codings: FileCodings | undefined) => send(this, { name, folder, codings })
    if (found instanceof Promise) found.then(answer).catch((error) => this.send(error))
    else answer(found)
    return this
  })
}

interface Found {
  name: string
  folder: string
  codings: FileCodings | undefined
}

function send(reply: FastifyReply, { name, folder, codings }: Found): void {
  if (!codings) throw problem('ROUTE_UNKNOWN')
  const { method, headers } = reply.request
  const coding = chooseCoding(headers['accept-encoding'], [...codings.keys()])
  // Strong: the name stands for the bytes, its suffix for the coding.
  const etag = `"${name}${codingExtensions[coding]}"`
  if (matchesEtag(headers['if-none-match'], etag)) {
    addVary(reply, 'accept-encoding')
    reply.code(304).headers({ etag, 'cache-control': 'public, max-age=31536000, immutable' }).send()
    return
  }
  // RFC 9110, 14.2 and 13.1.5: for GET alone, and where the rest that the caller has is of these very bytes.
  const mayBePart = method === 'GET' && (headers['if-range'] ?? etag) === etag
  const size = codings.get(coding) ?? 0
  const range = mayBePart ? readRange(headers.range, size) : undefined
  if (range === 'none') {
    reply.header('content-range', `bytes */${size}`)
    throw problem('RANGE_UNSATISFIABLE')
  }
  settle(headers, { 'accept-encoding': coding, range: range && `bytes=${range.first}-${range.last}` })
  reply.header('etag', etag).sendFile(name, folder)
}

/** What is left for the library to look at. */
function settle(headers: FastifyReply['request']['headers'], decided: Record<'accept-encoding' | 'range', string | undefined>): void {
  for (const name of ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range']) delete headers[name]
  for (const [name, value] of Object.entries(decided)) {
    if (value === undefined) delete headers[name]
    else headers[name] = value
  }
}

export const staticFiles = fp(staticFilesPlugin, { name: 'static-files', fastify: '5.x' })
