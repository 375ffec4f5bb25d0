import { type Static, Type } from 'typebox'
import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'
import { isId } from '../security/random-token.ts'
import { mediaKinds } from './media-type.ts'
import { readVariants, Variant } from './variant.ts'

const strict = { additionalProperties: false }
const Moment = Type.String({ format: 'date-time', maxLength: 30 })

export const MediaParams = Type.Object({ media: Type.String({ maxLength: 36 }) })
export const Alt = Type.String({ maxLength: 1_000, description: 'What an image shows, for who cannot see it' })
export const Visibility = Type.Enum(['public', 'private'], { type: 'string' })
export const MediaName = Type.String({ minLength: 1, maxLength: 200 })
const mediaStates = ['uploading', 'checking', 'ready', 'refused'] as const
export const MediaStatus = Type.Enum([...mediaStates], { type: 'string' })
export const Kind = Type.Enum([...mediaKinds], { type: 'string' })
const Share = Type.Number({ minimum: 0, maximum: 1 })
export const Focus = Type.Object({ x: Share, y: Share }, strict)

/** As the site's staff see a file. */
export const Media = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    name: Type.String({ maxLength: 200 }),
    status: MediaStatus,
    reason: Type.Union([Type.String({ maxLength: 40 }), Type.Null()], { description: 'Why it was refused: a stable word' }),
    kind: Type.Union([Kind, Type.Null()], { description: 'Null until its first bytes have been looked at' }),
    contentType: Type.Union([Type.String({ maxLength: 100 }), Type.Null()]),
    size: Type.Integer({ description: 'Bytes; as announced while it is uploading' }),
    sha256: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
    visibility: Visibility,
    alt: Alt,
    focus: Type.Union([Focus, Type.Null()], { description: 'What has to stay in the picture when it is cut; null: the middle' }),
    width: Type.Union([Type.Integer(), Type.Null()]),
    height: Type.Union([Type.Integer(), Type.Null()]),
    address: Type.String({ maxLength: 100, description: 'Where it is served once it is ready' }),
    variants: Type.Array(Variant),
    createdBy: Type.Union([Type.String({ maxLength: 36 }), Type.Null()]),
    createdAt: Moment,
    updatedAt: Moment,
  },
  strict,
)

export const mediaFields = {
  id: true,
  name: true,
  status: true,
  reason: true,
  kind: true,
  contentType: true,
  extension: true,
  size: true,
  sha256: true,
  visibility: true,
  alt: true,
  focusX: true,
  focusY: true,
  width: true,
  height: true,
  variants: true,
  createdBy: true,
  createdAt: true,
  updatedAt: true,
} as const

export type MediaRow = NonNullable<Awaited<ReturnType<typeof findMedia>>>

export function findMedia(db: Pick<TenantDb, 'media'>, id: string) {
  return db.media.findFirst({ where: { id }, select: mediaFields })
}

/** 404 MEDIA_UNKNOWN for what this site does not have. */
export async function requireMedia(db: Pick<TenantDb, 'media'>, id: string): Promise<MediaRow> {
  const found = isId(id) ? await findMedia(db, id) : null
  if (!found) throw problem('MEDIA_UNKNOWN')
  return found
}

export function shapeMedia({ extension: _, focusX, focusY, size, variants, ...row }: MediaRow): Static<typeof Media> {
  return {
    ...row,
    status: mediaStates.find((one) => one === row.status) ?? 'refused',
    kind: mediaKinds.find((one) => one === row.kind) ?? null,
    visibility: row.visibility === 'private' ? 'private' : 'public',
    size: Number(size),
    focus: focusX === null || focusY === null ? null : { x: focusX, y: focusY },
    address: `/media/${row.id}`,
    variants: readVariants(variants).map(({ focus: _point, ...variant }) => variant),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

/** Keys of the storage: everything of a file is below one folder. */
export const folderOf = (id: string) => `media/${id}/`
export const originalOf = (id: string) => `${folderOf(id)}original`
export const variantOf = (id: string, name: string) => `${folderOf(id)}${name}`
