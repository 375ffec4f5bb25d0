import fc from 'fast-check'
import { test } from 'tap'
import { darkPalette, readablePalette } from '../../../src/tenancy/brand/readable-palette.ts'
import { contrast } from '../../../src/tenancy/contrast.ts'

const colour = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`)
const palettes = fc.record({ primary: colour, accent: colour, surface: colour, text: colour })

test('whatever is chosen, text, links, marks and what stands on the primary colour can be seen', (t) => {
  fc.assert(
    fc.property(palettes, (chosen) => {
      const { palette, advice } = readablePalette(chosen, '/at')
      const readable = contrast(palette.text, palette.surface) >= 4.5 && contrast(palette.link, palette.surface) >= 4.5
      const seen = contrast(palette.accent, palette.surface) >= 3 && contrast(palette.onPrimary, palette.primary) >= 4.5
      const told = advice.every(({ path, contrast: found, least }) => path.startsWith('/at/') && found < least + 0.01)
      return readable && seen && told && palette.primary === chosen.primary && palette.surface === chosen.surface
    }),
  )
  t.end()
})

test('what can be read is taken as it is, without advice', (t) => {
  const chosen = { primary: '#14532d', accent: '#9a6503', surface: '#ffffff', text: '#111111' }
  const { palette, advice } = readablePalette(chosen, '')
  t.same(advice, [])
  t.match(palette, chosen)
  fc.assert(
    fc.property(palettes, (any) => {
      const { palette: mended } = readablePalette(any, '')
      return readablePalette(mended, '').advice.length === 0
    }),
  )
  t.end()
})

test('light colours suggest dark ones that need no advice', (t) => {
  fc.assert(fc.property(palettes, (light) => readablePalette(darkPalette(light), '').advice.length === 0))
  t.end()
})
