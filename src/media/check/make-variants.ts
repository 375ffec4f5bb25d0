import type { ImageSource } from '../../files/image-source.ts'
import type { Images } from '../../files/images.ts'
import { newId } from '../../security/random-token.ts'
import type { TenantStorage } from '../../storage/tenant-storage.ts'
import { variantOf } from '../media.ts'
import { focusWord, type KeptVariant, type VariantUse } from '../variant.ts'

export interface Picture {
  id: string
  source: ImageSource
  /** Pixels of the image as it is shown. */
  width: number
  height: number
  focusX: number | null
  focusY: number | null
}

export interface Workshop {
  images: Images
  storage: TenantStorage
}

interface Plan {
  use: VariantUse
  width: number
  /** Of a cut; a whole image is as high as it is. */
  height?: number
}

const widths = [320, 640, 1280, 1920] as const
const widest = 1920
/** WebP knows no larger one. */
const highest = 16_383
const squareSide = 640
const wideWidth = 1_280
const formats = ['avif', 'webp'] as const

/** The whole image in every width that it fills, and in its own where that is less than the widest. */
export function planWhole({ width }: Picture): Plan[] {
  const own = Math.min(width, widest)
  return [...widths.filter((one) => one < own), own].map((one) => ({ use: 'whole', width: one }))
}

/** Never larger than the image has pixels for. */
export function planCuts({ width, height }: Picture): Plan[] {
  const side = Math.min(squareSide, width, height)
  const across = Math.min(wideWidth, width, Math.floor((height * 16) / 9) || 1)
  return [
    { use: 'square', width: side, height: side },
    { use: 'wide', width: across, height: Math.max(1, Math.round((across * 9) / 16)) },
  ]
}

/** Makes and keeps them, each in both formats, one after the other: their names are new, so nothing that is shown anywhere changes under it. */
export async function makeVariants({ images, storage }: Workshop, picture: Picture, plans: readonly Plan[]): Promise<KeptVariant[]> {
  const revision = newId().slice(-8)
  const made: KeptVariant[] = []
  for (const { use, width, height } of plans) {
    for (const format of formats) {
      const size = height === undefined ? ({ fit: 'inside', width, height: highest } as const) : ({ fit: 'cover', width, height } as const)
      const recipe = { ...size, format, ...(use === 'whole' ? {} : focusOf(picture)) }
      const { bytes, ...drawn } = await images.render(picture.source, recipe)
      const [name, type] = [`${use === 'whole' ? `w${width}` : use}-${revision}.${format}`, `image/${format}` as const]
      await storage.put(variantOf(picture.id, name), bytes, { contentType: type })
      made.push({ name, use, type, ...drawn, size: bytes.length, ...(use === 'whole' ? {} : { focus: focusWord(picture) }) })
    }
  }
  return made
}

function focusOf({ focusX, focusY }: Picture) {
  return focusX === null || focusY === null ? {} : { focus: { x: focusX, y: focusY } }
}
