import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { fontStacks } from './font-stacks.ts'

const strict = { additionalProperties: false }
const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) => Type.Union([schema, Type.Null()])
/** One line that shows something. */
const line = (minLength: number, maxLength: number, description: string) =>
  Type.String({
    minLength,
    maxLength,
    pattern: `^[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]*$`,
    description,
  })

export const Colour = Type.String({ pattern: '^#[0-9a-f]{6}$', maxLength: 7, description: '`#rrggbb` in lower case' })
export const Palette = Type.Object(
  {
    primary: Colour,
    accent: Colour,
    surface: Colour,
    text: Colour,
  },
  { ...strict, description: 'Bars and buttons; marks and links; the ground; what is read on it' },
)
export type Palette = Static<typeof Palette>

const AssetId = Type.String({ format: 'uuid', maxLength: 36, description: 'Id of an uploaded image or font' })
const Font = Type.Union([
  Type.Object({ stack: Type.Enum([...Object.keys(fontStacks)] as (keyof typeof fontStacks)[], { type: 'string' }) }, strict),
  Type.Object({ asset: AssetId }, strict),
])
export type Font = Static<typeof Font>

const Link = Type.String({
  maxLength: 500,
  pattern: '^(https?://[^\\s<>"\'\\\\]+|/[^\\s<>"\'\\\\]*)$',
  description: 'Absolute, or a path of the site',
})

export const imageRoles = ['logo', 'mark', 'favicon', 'social'] as const
export type ImageRole = (typeof imageRoles)[number]

/** All that makes a site's face. */
export const BrandSpec = Type.Object(
  {
    name: line(1, 200, 'Of the site, in full'),
    shortName: line(1, 60, 'Where there is little room'),
    tagline: line(0, 200, 'What it is about, in a sentence'),
    locale: Type.String({ maxLength: 35, pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', description: 'BCP 47' }),
    timeZone: Type.String({ maxLength: 64, pattern: '^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$', description: 'IANA name' }),
    colors: Type.Object({ light: Palette, dark: nullable(Palette) }, { ...strict, description: 'Without `dark` the site is light for everybody' }),
    fonts: Type.Object({ heading: Font, body: Font }, strict),
    images: Type.Object(
      { logo: nullable(AssetId), mark: nullable(AssetId), favicon: nullable(AssetId), social: nullable(AssetId) },
      { ...strict, description: 'The whole logo; a square sign of it; what tabs show, else the mark; what shared links show' },
    ),
    legal: Type.Object({ privacy: nullable(Link), terms: nullable(Link), imprint: nullable(Link) }, strict),
    contact: Type.Object(
      {
        email: nullable(Type.String({ maxLength: 254, description: "Public, and where the site's forms are read" })),
        phone: nullable(Type.String({ maxLength: 30, pattern: '^[+0-9][0-9 ().-]*$' })),
        address: nullable(line(1, 300, 'In one line')),
      },
      strict,
    ),
  },
  strict,
)
export type BrandSpec = Static<typeof BrandSpec>

const validator = Compile(BrandSpec)

/** A spec as the database keeps it. Throws a TypeError for what is none: nothing else is ever written there. */
export function readSpec(kept: unknown): BrandSpec {
  if (!validator.Check(kept)) throw new TypeError('a brand that is kept is malformed')
  return kept
}
