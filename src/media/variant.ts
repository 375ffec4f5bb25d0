import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** One of the pictures that were made of an image, as its row keeps it. */
export const Variant = Type.Object(
  {
    name: Type.String({ maxLength: 60, description: 'Below the address of the file; never the same for two pictures' }),
    use: Type.Enum(['whole', 'square', 'wide'], { type: 'string', description: 'The whole image, or a cut of 1:1 or 16:9' }),
    type: Type.Enum(['image/avif', 'image/webp'], { type: 'string' }),
    width: Type.Integer(),
    height: Type.Integer(),
    size: Type.Integer({ description: 'Bytes' }),
  },
  { additionalProperties: false },
)
export type Variant = Static<typeof Variant>
export type VariantUse = Variant['use']

/** With the point it was cut around, so that a cut knows when it is out of date. */
export interface KeptVariant extends Variant {
  focus?: string
}

const Kept = Compile(Type.Array(Type.Interface([Variant], { focus: Type.Optional(Type.String()) })))

export function readVariants(json: unknown): KeptVariant[] {
  return Kept.Check(json) ? json : []
}

/** Where it has to stay in the picture, as a word: null is the middle. */
export function focusWord({ focusX, focusY }: { focusX: number | null; focusY: number | null }): string {
  return focusX === null || focusY === null ? '0.5 0.5' : `${focusX} ${focusY}`
}

export interface Wish {
  use: VariantUse
  /** Pixels that it will be shown in. */
  width: number
  /** The Accept header. */
  accept: string
}

/** The smallest that fills the width, or else the largest, in the best format that the caller takes. */
export function chooseVariant(variants: readonly KeptVariant[], { use, width, accept }: Wish): KeptVariant | undefined {
  const type = /image\/avif(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accept) ? 'image/avif' : 'image/webp'
  const fitting = variants.filter((one) => one.use === use && one.type === type).sort((one, other) => one.width - other.width)
  return fitting.find((one) => one.width >= width) ?? fitting.at(-1)
}
