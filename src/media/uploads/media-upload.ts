import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { isId } from '../../security/random-token.ts'
import type { PartUpload, UploadedPart } from '../../storage/object-storage.ts'
import { originalOf } from '../media.ts'

export const UploadParams = Type.Object({ upload: Type.String({ maxLength: 36 }) })
export const Sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  maxLength: 64,
  description: 'In hex. Where the file turns out to be another it is refused',
})
const Moment = Type.String({ format: 'date-time', maxLength: 30 })

/** What a client needs to begin with. */
export const BegunUpload = Type.Object(
  {
    id: Type.String({ maxLength: 36, description: 'Of the upload, and of the file that it will be' }),
    size: Type.Integer(),
    partSize: Type.Integer({ description: 'Bytes of each part but the last' }),
    parts: Type.Integer({ description: 'How many there are; the first is 1' }),
    expiresAt: Moment,
  },
  { additionalProperties: false },
)

/** So long an upload can go on. */
export const uploadLife = 24 * 60 * 60_000

const megabyte = 1024 * 1024
const usualPart = 8 * megabyte
/** Fewer than S3 takes. */
const mostParts = 9_000

/** As few bytes as the number of parts allows: what broke off is sent again by whole parts. */
export function partSizeOf(size: number): number {
  return Math.max(usualPart, Math.ceil(size / mostParts / megabyte) * megabyte)
}

export interface Upload {
  id: string
  size: number
  partSize: number
  /** How many. */
  parts: number
  stored: PartUpload
  expiresAt: Date
}

/** 404 UPLOAD_UNKNOWN for one that is over, of another site, or not there. */
export async function requireUpload(db: Pick<TenantDb, 'mediaUpload'>, id: string): Promise<Upload> {
  const select = { storageUpload: true, size: true, partSize: true, expiresAt: true }
  const row = isId(id) ? await db.mediaUpload.findFirst({ where: { mediaId: id, expiresAt: { gt: new Date() } }, select }) : null
  if (!row) throw problem('UPLOAD_UNKNOWN')
  const [size, { partSize, expiresAt, storageUpload }] = [Number(row.size), row]
  return { id, size, partSize, expiresAt, parts: Math.ceil(size / partSize), stored: { key: originalOf(id), id: storageUpload } }
}

/** Bytes that a part has to have. */
export function sizeOfPart({ size, partSize, parts }: Upload, part: number): number {
  return part < parts ? partSize : size - partSize * (parts - 1)
}

export function requirePart(upload: Upload, part: number): number {
  if (part >= 1 && part <= upload.parts) return sizeOfPart(upload, part)
  throw problem('REQUEST_INVALID', { issues: [{ path: '/parts', message: `must be from 1 to ${upload.parts}` }] })
}

/** Those that have come as they were announced. */
export async function arrivedParts({ storage }: FastifyRequest, upload: Upload): Promise<UploadedPart[]> {
  const found = await storage.parts.list(upload.stored)
  return found.filter(({ part, size }) => part <= upload.parts && size === sizeOfPart(upload, part))
}

export function shapeBegun({ id, size, partSize, parts, expiresAt }: Upload) {
  return { id, size, partSize, parts, expiresAt: expiresAt.toISOString() }
}
