import { inflateSync } from 'node:zlib'

/** Colour (#rrggbb) of one pixel of a PNG with eight bits a channel, as Chromium's screenshots are. */
export function pixelAt(png: Buffer, x: number, y: number): string {
  const { width, depth, colourType, data } = readChunks(png)
  if (depth !== 8 || (colourType !== 2 && colourType !== 6)) throw new TypeError('the picture is not of the kind that screenshots are')
  const bytes = colourType === 6 ? 4 : 3
  const stride = width * bytes
  let above = new Uint8Array(stride)
  for (let row = 0; ; row++) {
    const start = row * (stride + 1)
    const line = unfilter(data[start] ?? 0, data.subarray(start + 1, start + 1 + stride), above, bytes)
    if (row === y) return `#${Buffer.from(line.subarray(x * bytes, x * bytes + 3)).toString('hex')}`
    above = line
  }
}

function readChunks(png: Buffer) {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return { width: png.readUInt32BE(16), depth: png[24], colourType: png[25], data: inflateSync(Buffer.concat(parts)) }
}

/** PNG, section 9: each byte is kept as its difference from what its neighbours foretell. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(line.length)
  for (let at = 0; at < line.length; at++) {
    const left = out[at - bytes] ?? 0
    const up = above[at] ?? 0
    const corner = at < bytes ? 0 : (above[at - bytes] ?? 0)
    const foretold = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
    out[at] = (line[at] ?? 0) + foretold
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
