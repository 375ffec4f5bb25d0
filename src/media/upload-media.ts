import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { originOf, recordEvent } from '../audit/record-event.ts'
import { problem } from '../errors.ts'
import { displayName } from '../files/file-name.ts'
import { sniffedBytes } from '../files/sniff-file.ts'
import { takeHead } from '../files/take-head.ts'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { type IncomingFile, receiveFile } from '../tenancy/receive-file.ts'
import { beginMedia } from './begin-media.ts'
import { discardMedia } from './discard-media.ts'
import { Alt, Media, originalOf, requireMedia, shapeMedia, Visibility } from './media.ts'
import { mediaTypeOf, refuseType } from './media-type.ts'
import { mostImageBytes, worthArchiving } from './sizes.ts'

export const uploadMedia = defineFlow({
  schema: {
    operationId: 'uploadMedia',
    summary: 'Add a file, in one request',
    description:
      'multipart/form-data with the file in `file`, and with `alt` and `visibility` where they are not to be the defaults. The answer comes when all is kept; the file is served once it has been checked, which its `status` tells. For large files and poor connections there are uploads in parts.',
    tags: ['media'],
    consumes: ['multipart/form-data'],
    response: { 201: Media, ...problems(400, 401, 403, 404, 409, 411, 413, 415, 422, 503, 507) },
  },
  async handler(request, reply) {
    const id = await receive(request)
    reply.code(201).header('location', `/v1/media/${id}`).header('cache-control', 'no-store')
    return shapeMedia(await requireMedia(request.db, id))
  },
})

/** What a multipart body has beside the file. */
const overhead = 64 * 1024

interface Kept {
  id: string
  kind: string
  size: number
  sha256: string
}

async function receive(request: FastifyRequest): Promise<string> {
  const { mostBytes: most } = request.server.config.media
  const announced = announcedSize(request, most)
  const begun: { id?: string } = {}
  try {
    const { taken, fields } = await receiveFile(request, { most, fields: ['alt', 'visibility'] }, (file) => keep(request, { file, announced, begun }))
    return await finish(request, taken, readFields(fields))
  } catch (error) {
    if (begun.id) await discardMedia(request, begun.id)
    throw error
  }
}

/** The quota counts what is announced: without a length nobody could say whether it fits. */
function announcedSize({ headers }: FastifyRequest, most: number): number {
  const length = Number(headers['content-length'] || Number.NaN)
  if (!Number.isSafeInteger(length)) throw problem('LENGTH_REQUIRED')
  if (length > most + overhead) throw problem('FILE_TOO_LARGE')
  return Math.min(length, most)
}

interface Arrival {
  file: IncomingFile
  announced: number
  /** Gets the id as soon as there is a row. */
  begun: { id?: string }
}

/** The row, and then the bytes: nothing of what its first bytes give away is ever stored. */
async function keep(request: FastifyRequest, { file, announced, begun }: Arrival): Promise<Kept> {
  const { head, whole } = await takeHead(file.stream, sniffedBytes)
  const type = (await mediaTypeOf(head, file.name)) ?? refuseType()
  if (type.kind === 'image' && announced > mostImageBytes + overhead) throw problem('FILE_TOO_LARGE')
  const facts = { ...type, name: displayName(file.name, type.extension), size: announced }
  const id = await request.db.$transaction((tx) => beginMedia(tx, request, facts))
  begun.id = id
  const hash = createHash('sha256')
  const see = (chunk: Uint8Array) => void hash.update(chunk)
  const kind = { contentType: type.contentType, archive: worthArchiving(type.kind) }
  const { size } = await request.storage.put(originalOf(id), whole, { ...kind, see })
  return { id, kind: type.kind, size, sha256: hash.digest('hex') }
}

const Fields = Compile(Type.Object({ alt: Type.Optional(Alt), visibility: Type.Optional(Visibility) }))

function readFields(fields: Readonly<Record<string, string>>) {
  if (Fields.Check(fields) && Object.values(fields).every((text) => text.isWellFormed() && !text.includes('\u0000'))) return { ...fields }
  throw problem('REQUEST_INVALID', { issues: Fields.Errors(fields).map(({ instancePath, message }) => ({ path: instancePath, message })) })
}

async function finish(request: FastifyRequest, { id, kind, size, sha256 }: Kept, fields: { alt?: string; visibility?: string }): Promise<string> {
  await request.confirmAccess()
  await request.db.$transaction(async (tx) => {
    const data = { ...fields, status: 'checking', size: BigInt(size), sha256 }
    const { count } = await tx.media.updateMany({ where: { id, status: 'uploading' }, data })
    // Somebody removed it while it came.
    if (count === 0) throw problem('MEDIA_UNKNOWN')
    await recordEvent(tx, originOf(request), { action: 'media.added', target: { kind: 'media', id }, details: { kind } })
  })
  return id
}
