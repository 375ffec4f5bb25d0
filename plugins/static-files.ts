import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'
import { chooseCoding, codingExtensions } from '../src/files/accept-encoding.ts'
import type { BuiltAssets } from '../src/files/built-assets.ts'
import { wantedRange } from '../src/files/byte-range.ts'
import { createFileCodings, type FileCodings } from '../src/files/file-codings.ts'
import { createSentFiles, largestKept, readAnswer, type SentFiles } from '../src/files/sent-files.ts'
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
    /** The path of the small file that is on its way. */
    sentPath: string | null
  }
}

export interface StaticFilesOptions {
  assets: BuiltAssets
}

/** Letters, digits, `_`, `-`, and dots inside: no path, nothing hidden; copies are no files of their own. */
const plainName = /^(?!.*\.(?:br|gz)$)[\w-]+(?:\.[\w-]+)+$/

/**
 * @fastify/static sends what lies there pre-compressed, and what it has sent of small files is kept in memory. What the caller wants is settled before it is
 * asked, because it takes `*` for more than `br;q=0`, never prefers `identity`, and knows tags of the time a file was written, which differ from one copy of the
 * service to the next.
 */
async function staticFilesPlugin(app: FastifyInstance, { assets }: StaticFilesOptions): Promise<void> {
  const sent = createSentFiles()
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
    setHeaders(reply, path, { size }) {
      reply.header('etag', etagOf(path))
      if (reply.request.method === 'GET' && size <= largestKept) reply.sentPath = path
    },
  })
  app.decorateReply('sentPath', null)
  app.addHook('onSend', (_request, reply, payload, done) => {
    const { sentPath, statusCode } = reply
    if (sentPath && statusCode === 200 && payload instanceof Readable) {
      readAnswer(reply, payload).then((file) => {
        sent.set(sentPath, file)
        done(null, file.bytes)
      }, done)
    } else done()
  })
  const codingsOf = createFileCodings()
  app.decorate('assets', assets)
  app.decorateReply('sendHashed', function (name: string, folder = assets.folder) {
    const found = plainName.test(name) ? codingsOf(join(folder, name)) : undefined
    const answer = (codings: FileCodings | undefined) => send(this, { name, folder, codings, sent })
    if (found instanceof Promise) found.then(answer).catch((error) => this.send(error))
    else answer(found)
    return this
  })
}

interface Found {
  name: string
  folder: string
  codings: FileCodings | undefined
  sent: SentFiles
}

function send(reply: FastifyReply, { name, folder, codings, sent }: Found): void {
  if (!codings) throw problem('ROUTE_UNKNOWN')
  const { headers } = reply.request
  const coding = chooseCoding(headers['accept-encoding'], [...codings.keys()])
  const path = join(folder, name) + codingExtensions[coding]
  const etag = etagOf(path)
  if (matchesEtag(headers['if-none-match'], etag)) {
    addVary(reply, 'accept-encoding')
    reply.code(304).headers({ etag, 'cache-control': 'public, max-age=31536000, immutable' }).send()
    return
  }
  const range = wantedRange(reply, { etag, size: codings.get(coding) ?? 0 })
  const whole = range ? undefined : sent.get(path)
  if (whole) {
    addVary(reply, 'accept-encoding')
    for (const [name, value] of whole.headers) reply.header(name, value)
    reply.send(whole.bytes)
    return
  }
  settle(headers, { 'accept-encoding': coding, range: range && `bytes=${range.first}-${range.last}` })
  reply.sendFile(name, folder)
}

/** Strong: the name stands for the bytes, its suffix for the coding. */
const etagOf = (path: string) => `"${basename(path)}"`

/** What is left for the library to look at. */
function settle(headers: FastifyReply['request']['headers'], decided: Record<'accept-encoding' | 'range', string | undefined>): void {
  for (const name of ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range']) delete headers[name]
  for (const [name, value] of Object.entries(decided)) {
    if (value === undefined) delete headers[name]
    else headers[name] = value
  }
}

export const staticFiles = fp(staticFilesPlugin, { name: 'static-files', fastify: '5.x' })
