import type { ByteRange } from '../../storage/object-storage.ts'

/**
 * Range, RFC 9110 section 14.2: one range of bytes. Undefined where the whole is to be sent: for several ranges at once, other units and what is
 * malformed. `unsatisfiable` where the file has nothing of it.
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (from === '' && to === '') return undefined
  if (from === '') return Number(to) > 0 && size > 0 ? { first: Math.max(size - Number(to), 0), last: size - 1 } : 'unsatisfiable'
  const [first, last] = [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)]
  if (to !== '' && Number(to) < first) return undefined
  return first < size ? { first, last } : 'unsatisfiable'
}
