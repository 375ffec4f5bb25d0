import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'

/** Of a site: each is uploaded by hand. */
export const mostAssets = 200

export const BrandAsset = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    kind: Type.Enum(['image', 'font'], { type: 'string' }),
    name: Type.String({ maxLength: 200 }),
    contentType: Type.String({ maxLength: 100, description: 'As it is kept: pictures are made anew when they come' }),
    size: Type.Integer({ description: 'Bytes, as it is kept' }),
    width: Type.Union([Type.Integer(), Type.Null()], { description: 'Pixels, of images' }),
    height: Type.Union([Type.Integer(), Type.Null()]),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)

export const AssetParams = Type.Object({ asset: Type.String({ format: 'uuid', maxLength: 36 }) })

export const assetFields = { id: true, kind: true, name: true, contentType: true, size: true, width: true, height: true, createdAt: true } as const

interface AssetRow {
  id: string
  kind: string
  name: string
  contentType: string
  size: number
  width: number | null
  height: number | null
  createdAt: Date
}

export function shapeAsset({ kind, createdAt, ...row }: AssetRow): Static<typeof BrandAsset> {
  return { ...row, kind: kind === 'font' ? 'font' : 'image', createdAt: createdAt.toISOString() }
}

/** Ids that the draft or a brand that one can return to is made of. */
export async function assetsInUse(db: Pick<TenantDb, 'brandDraft' | 'brandPublication'>): Promise<Set<string>> {
  const [drafts, publications] = [
    await db.brandDraft.findMany({ select: { spec: true } }),
    await db.brandPublication.findMany({ select: { spec: true } }),
  ]
  const specs = [...drafts, ...publications].map(({ spec }) => JSON.stringify(spec))
  return new Set(specs.flatMap((spec) => spec.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []))
}
