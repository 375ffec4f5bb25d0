import type { Furniture } from './furnish-site.ts'

/** Until somebody publishes a brand: quiet, and readable by WCAG 2.2 on every page. */
export function defaultBrand(name: string): Furniture['brand'] {
  return {
    shortName: name.slice(0, 60).trim(),
    tagline: '',
    primaryColor: '#1f3a5f',
    accentColor: '#0f6ea8',
    surfaceColor: '#ffffff',
    textColor: '#1b1f24',
  }
}
