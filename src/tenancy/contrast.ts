/** Black or white, whichever contrasts more with a colour (`#rrggbb`). */
export function readableOn(colour: string): string {
  return contrast('#ffffff', colour) >= contrast('#000000', colour) ? '#ffffff' : '#000000'
}

/**
 * The colour itself where it can be read on a background, else the nearest shade of it that can: darker on light grounds, lighter on dark ones. WCAG 2.2,
 * 1.4.3, asks for 4.5.
 */
export function readableShade(colour: string, background: string, least = 4.5): string {
  const end = readableOn(background)
  for (let share = 100; share > 0; share -= 2) {
    const shade = mixed(colour, end, share / 100)
    if (contrast(shade, background) >= least) return shade
  }
  return end
}

/** `share` of one colour, and the rest of another. */
export function mixed(one: string, other: string, share: number): string {
  const others = channels(other)
  const parts = channels(one).map((channel, at) => Math.round(channel * share + (others[at] ?? 0) * (1 - share)))
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(one: string, other: string): number {
  const [lighter, darker] = luminance(one) > luminance(other) ? [one, other] : [other, one]
  return (luminance(lighter) + 0.05) / (luminance(darker) + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((channel) => linear(channel / 255))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
