import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { codingExtensions } from './accept-encoding.ts'

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** What lies beside a file for who takes it compressed: suffix and bytes, as far as they are fewer than the file's own. As small as it gets: made once. */
export async function compressedCopies(bytes: Uint8Array): Promise<[suffix: string, copy: Uint8Array][]> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const copies: [string, Uint8Array][] = [
    [codingExtensions.br, await brotli(bytes, { params })],
    [codingExtensions.gzip, await zip(bytes, { level: 9 })],
  ]
  return copies.filter(([, copy]) => copy.length < bytes.length)
}
