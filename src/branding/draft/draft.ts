import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import { problem } from '../../errors.ts'
import { BrandSpec, Colour, Palette, readSpec } from '../../tenancy/brand/brand-spec.ts'
import { readPublishedBrand } from '../../tenancy/brand/published-brand.ts'
import { darkPalette, readablePalette } from '../../tenancy/brand/readable-palette.ts'

const strict = { additionalProperties: false }

export const Draft = Type.Object(
  {
    revision: Type.Integer({ description: 'Raised by every change. Send it back when you save or publish' }),
    changed: Type.Boolean({ description: 'Whether anything is being prepared; else the spec is what is in force' }),
    spec: BrandSpec,
    updatedAt: Type.Union([Type.String({ format: 'date-time', maxLength: 30 }), Type.Null()]),
    updatedBy: Type.Union([Type.String({ maxLength: 36 }), Type.Null()], { description: 'Member or API key' }),
    publication: Type.Integer({ description: 'The one in force; 0 before the first' }),
    advice: Type.Array(
      Type.Object(
        {
          path: Type.String({ maxLength: 100, description: 'JSON pointer into the spec' }),
          chosen: Colour,
          used: Colour,
          contrast: Type.Number({ description: 'Of the chosen colour on the surface, 1 to 21' }),
          least: Type.Number({ description: 'What WCAG 2.2 asks for there' }),
        },
        strict,
      ),
      { description: 'Colours that could not be read as they were chosen, and the nearest that can: pages and mails show those' },
    ),
    suggestedDark: Palette,
  },
  strict,
)

export interface CurrentDraft {
  revision: number
  changed: boolean
  spec: BrandSpec
  updatedAt: Date | null
  updatedBy: string | null
  publication: number
}

/** What is being prepared, or else what is in force. */
export async function readCurrentDraft(db: Pick<TenantDb, 'site' | 'brandDraft'>): Promise<CurrentDraft> {
  const published = await readPublishedBrand(db)
  if (!published) throw problem('TENANT_UNKNOWN')
  const { number: publication, spec } = published
  const draft = await db.brandDraft.findFirst({ select: { revision: true, spec: true, updatedAt: true, updatedBy: true } })
  if (!draft?.spec) return { revision: draft?.revision ?? 0, changed: false, spec, updatedAt: null, updatedBy: null, publication }
  return { ...draft, changed: true, spec: readSpec(draft.spec), publication }
}

/** Nothing is being prepared any more. */
export async function clearDraft(tx: Pick<TenantDb, 'brandDraft'>): Promise<void> {
  await tx.brandDraft.updateMany({
    where: { spec: { not: Prisma.DbNull } },
    data: { spec: Prisma.DbNull, revision: { increment: 1 }, updatedBy: null },
  })
}

export function shapeDraft({ updatedAt, ...draft }: CurrentDraft): Static<typeof Draft> {
  const { light, dark } = draft.spec.colors
  return {
    ...draft,
    updatedAt: updatedAt?.toISOString() ?? null,
    advice: [...readablePalette(light, '/colors/light').advice, ...(dark ? readablePalette(dark, '/colors/dark').advice : [])],
    suggestedDark: darkPalette(light),
  }
}
