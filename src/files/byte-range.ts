/** Bytes, the last one included. */
export interface ByteRange {
  first: number
  last: number
}

const single = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The part that a Range header asks for (RFC 9110, 14.1.2), or `none` where no byte of it is there. Undefined, for the whole: without the header, where it is not
 * well formed, and where it asks for several parts, which a server may leave alone (14.2).
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, from, to] = single.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return undefined
  if (from === '') return Number(to) === 0 || size === 0 ? 'none' : { first: Math.max(0, size - Number(to)), last: size - 1 }
  const range = { first: Number(from), last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
  if (to !== '' && Number(to) < range.first) return undefined
  return range.first < size ? range : 'none'
}
