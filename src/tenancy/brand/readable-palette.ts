import { contrast, mixed, readableOn, readableShade } from '../contrast.ts'
import type { Palette } from './brand-spec.ts'

/** A palette in which everything can be read, with what follows from it. */
export interface ReadablePalette extends Palette {
  /** On the primary colour. */
  onPrimary: string
  /** The accent, as text. */
  link: string
}

/** A colour that was not used as it was chosen, and why. */
export interface ColourAdvice {
  /** JSON pointer into the spec. */
  path: string
  /** As chosen. */
  chosen: string
  /** What is shown instead. */
  used: string
  /** Of the chosen one against the surface, 1 to 21, and how much it takes. */
  contrast: number
  least: number
}

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for what only has to be seen. */
const least = { text: 4.5, mark: 3 }

/**
 * Takes the colours as they were chosen wherever they can be read, and otherwise the nearest shade that can: a site is never published unreadable, and
 * nobody is kept from publishing. `path` is where the palette stands in the spec.
 */
export function readablePalette({ primary, accent, surface, text }: Palette, path: string): { palette: ReadablePalette; advice: ColourAdvice[] } {
  const advice: ColourAdvice[] = []
  const mend = (name: 'text' | 'accent', chosen: string, wanted: number) => {
    const used = readableShade(chosen, surface, wanted)
    if (used !== chosen)
      advice.push({ path: `${path}/${name}`, chosen, used, contrast: Math.round(contrast(chosen, surface) * 100) / 100, least: wanted })
    return used
  }
  const shown = { primary, surface, text: mend('text', text, least.text), accent: mend('accent', accent, least.mark) }
  return { palette: { ...shown, onPrimary: readableOn(primary), link: readableShade(accent, surface, least.text) }, advice }
}

/** For whoever has chosen light colours only: the same ones by night. */
export function darkPalette({ primary, accent }: Palette): Palette {
  const surface = mixed(primary, '#101113', 0.12)
  return { primary, accent: readableShade(accent, surface, least.text), surface, text: '#f1f1ef' }
}
