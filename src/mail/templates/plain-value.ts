/** Also turns of direction (UAX #9), which disguise what follows, and the private characters that write-text.ts puts in the place of blocks. */
const unwanted = '\\u202a-\\u202e\\u2066-\\u2069\\ue000-\\uf8ff'
const unwantedInLine = new RegExp(`[\\p{Cc}\\p{Zl}\\p{Zp}${unwanted}]+`, 'gu')
const unwantedInLines = new RegExp(`[^\\P{Cc}\\n\\t]|[\\p{Zl}\\p{Zp}${unwanted}]`, 'gu')

/** For a value that has to stay within its line. */
export function oneLine(value: string, longest: number): string {
  return value.slice(0, longest).toWellFormed().replace(unwantedInLine, ' ').trim()
}

/** For text of several lines. */
export function severalLines(value: string, longest: number): string {
  return value.slice(0, longest).toWellFormed().replaceAll(/\r\n?/g, '\n').replace(unwantedInLines, '').trim()
}
