import type { BrandSpec, Font } from './brand-spec.ts'
import { fontStacks } from './font-stacks.ts'
import { type ReadablePalette, readablePalette } from './readable-palette.ts'

/** Families of our own naming, so that nothing a site calls its font gets into the sheet. */
const families = { heading: 'Brand Heading', body: 'Brand Body' } as const
export type FontUse = keyof typeof families

/**
 * The brand as custom properties; `--plate` is what a logo stands on, light by night too. `fontAddress`: where an uploaded font is. Only colours (#rrggbb), our own stacks and our own addresses get into it.
 */
export function renderThemeSheet({ colors, fonts }: Pick<BrandSpec, 'colors' | 'fonts'>, fontAddress: (use: FontUse) => string): string {
  const light = readablePalette(colors.light, '/colors/light').palette
  const faces = (['heading', 'body'] as const).flatMap((use) => ('asset' in fonts[use] ? [fontFace(families[use], fontAddress(use))] : []))
  const stacks = `--font-heading:${familyOf('heading', fonts.heading)};--font-body:${familyOf('body', fonts.body)}`
  const root = `:root{color-scheme:${colors.dark ? 'light dark' : 'light'};${properties(light)};--plate:${light.surface};${stacks}}`
  if (!colors.dark) return [...faces, root].join('')
  const dark = readablePalette(colors.dark, '/colors/dark').palette
  return [...faces, root, `@media (prefers-color-scheme:dark){:root{${properties(dark)}}}`].join('')
}

function properties({ primary, onPrimary, accent, link, surface, text }: ReadablePalette): string {
  return `--primary:${primary};--on-primary:${onPrimary};--accent:${accent};--link:${link};--surface:${surface};--text:${text}`
}

function familyOf(use: FontUse, font: Font): string {
  return 'asset' in font ? `"${families[use]}",${fontStacks.system}` : fontStacks[font.stack]
}

function fontFace(family: string, address: string): string {
  return `@font-face{font-family:"${family}";src:url(${address}) format("woff2");font-display:swap}`
}
