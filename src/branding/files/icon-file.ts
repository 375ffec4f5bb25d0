/** A PNG of an icon, and its sides in pixels. */
export interface IconImage {
  bytes: Uint8Array
  width: number
  height: number
}

const headerSize = 6
const entrySize = 16

/** The ICO container, with PNG inside as every browser reads it: a header, an entry for each image, the images. */
export function iconFile(images: readonly IconImage[]): Buffer {
  const head = Buffer.alloc(headerSize + entrySize * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let offset = head.length
  images.forEach(({ bytes, width, height }, at) => {
    const entry = headerSize + entrySize * at
    // 0 stands for 256.
    head.writeUInt8(width % 256, entry)
    head.writeUInt8(height % 256, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(bytes.length, entry + 8)
    head.writeUInt32LE(offset, entry + 12)
    offset += bytes.length
  })
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)])
}
