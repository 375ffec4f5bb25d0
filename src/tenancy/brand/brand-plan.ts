import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Recipe } from '../../files/images.ts'
import type { BrandSpec, ImageRole } from './brand-spec.ts'
import { readablePalette } from './readable-palette.ts'
import { type FontUse, renderThemeSheet } from './theme-sheet.ts'

/** An image of the brand, with its size in pixels. */
export type BrandImage = { asset: string; width: number; height: number }
export type BrandImages = { [Role in ImageRole]?: BrandImage }

/** A brand as it was published, or as a draft would be. */
export interface Brand {
  spec: BrandSpec
  images: BrandImages
}

/** How a file comes about. */
export type Making =
  | { is: 'text'; text: string }
  | { is: 'image'; asset: string; recipe: Recipe }
  | { is: 'icon'; asset: string; recipes: readonly Recipe[] }
  | { is: 'font'; asset: string }

export type BrandRole =
  | 'theme'
  | 'manifest'
  | 'logo'
  | 'logo-png'
  | 'icon-192'
  | 'icon-512'
  | 'maskable-512'
  | 'touch-icon'
  | 'favicon'
  | 'social'
  | `font-${FontUse}`

/** Below /brand/. The name changes with what is in it, so that it may be kept for ever. */
export interface BrandFile {
  name: string
  making: Making
}

/** The files of a brand by what they are for. Pure: names follow from the brand, on every copy of the service alike, before anything is made. */
export type BrandPlan = ReadonlyMap<BrandRole, BrandFile>

/** Twice the size at which pages show it. */
export const logoFileBox = { width: 640, height: 200 }

/** Every page of a site asks for the same one. */
const kept = new LRUCache<string, BrandPlan>({ max: 500 })

export function planBrand({ spec, images }: Brand): BrandPlan {
  const key = JSON.stringify([spec, images])
  const plan = kept.get(key) ?? makePlan({ spec, images })
  kept.set(key, plan)
  return plan
}

function makePlan({ spec, images }: Brand): BrandPlan {
  const plan = new Map<BrandRole, BrandFile>()
  const add = (role: BrandRole, extension: string, making: Making) => void plan.set(role, { name: `${role}.${digest(making)}.${extension}`, making })
  const { surface } = readablePalette(spec.colors.light, '').palette
  for (const use of ['heading', 'body'] as const) {
    const font = spec.fonts[use]
    if ('asset' in font) add(`font-${use}`, 'woff2', { is: 'font', asset: font.asset })
  }
  if (images.logo) {
    add('logo', 'webp', { is: 'image', asset: images.logo.asset, recipe: { format: 'webp', fit: 'inside', quality: 90, ...logoFileBox } })
    add('logo-png', 'png', { is: 'image', asset: images.logo.asset, recipe: { format: 'png', fit: 'inside', ...logoFileBox } })
  }
  if (images.social) {
    add('social', 'jpg', { is: 'image', asset: images.social.asset, recipe: { format: 'jpeg', fit: 'cover', width: 1200, height: 630 } })
  }
  const sign = images.favicon ?? images.mark
  if (sign) add('favicon', 'ico', { is: 'icon', asset: sign.asset, recipes: [16, 32, 48].map((size) => square(size)) })
  const mark = images.mark ?? images.favicon
  if (mark) {
    const { asset } = mark
    add('icon-192', 'png', { is: 'image', asset, recipe: square(192) })
    add('icon-512', 'png', { is: 'image', asset, recipe: square(512) })
    // Android cuts a circle or a flower out of the middle four fifths; iOS shows nothing through.
    add('maskable-512', 'png', { is: 'image', asset, recipe: { ...square(512), margin: 0.3, background: surface } })
    add('touch-icon', 'png', { is: 'image', asset, recipe: { ...square(180), margin: 0.12, background: surface } })
  }
  add('theme', 'css', { is: 'text', text: renderThemeSheet(spec, (use: FontUse) => addressIn(plan, `font-${use}`) ?? '') })
  add('manifest', 'webmanifest', { is: 'text', text: renderManifest(spec, plan) })
  return plan
}

/** The sides of an image that is made as large as fits, and never larger than it is. */
export function fitInto({ width, height }: Pick<BrandImage, 'width' | 'height'>, box: Pick<BrandImage, 'width' | 'height'>) {
  const scale = Math.min(box.width / width, box.height / height, 1)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** From the site's own root; undefined where the brand has no such thing. */
export function addressIn(plan: BrandPlan, role: BrandRole): string | undefined {
  const file = plan.get(role)
  return file && `/brand/${file.name}`
}

/** W3C web app manifest. */
function renderManifest({ name, shortName, locale, colors }: BrandSpec, plan: BrandPlan): string {
  const icon = (role: BrandRole, size: number, purpose = 'any') => {
    const src = addressIn(plan, role)
    return src ? [{ src, sizes: `${size}x${size}`, type: 'image/png', purpose }] : []
  }
  const icons = [...icon('icon-192', 192), ...icon('icon-512', 512), ...icon('maskable-512', 512, 'maskable')]
  const { primary, surface } = colors.light
  const texts = { name, short_name: shortName, lang: locale, start_url: '/', display: 'browser' }
  return JSON.stringify({ ...texts, theme_color: primary, background_color: surface, icons })
}

function square(size: number): Recipe {
  return { format: 'png', fit: 'contain', width: size, height: size }
}

/** Of a text itself; of what is made of an asset, of the asset's id, which never stands for other bytes, and of how it is made. */
function digest(making: Making): string {
  return createHash('sha256').update(JSON.stringify(making)).digest('base64url').slice(0, 16)
}
