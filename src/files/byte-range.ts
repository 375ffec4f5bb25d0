export interface ByteRange {
  /** First and last byte. */
  from: number
  to: number
}

const single = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The part that a Range header asks for (RFC 9110, 14.1.2), or `none` where no byte of it is there. Undefined, for the whole: without the header, where it is not
 * well formed, and where it asks for several parts, which a server may leave alone (14.2).
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, first, last] = single.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  if (first === '') return Number(last) === 0 || size === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size - 1 }
  const range = { from: Number(first), to: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  if (last !== '' && Number(last) < range.from) return undefined
  return range.from < size ? range : 'none'
}
