const megabyte = 1024 * 1024

/** Bytes of an image: it is decoded as a whole. */
export const mostImageBytes = 50 * megabyte

/** Of images the variants are shown, and documents are read now and then. What is played is read as often as its page. */
export function worthArchiving(kind: string): boolean {
  return kind === 'image' || kind === 'document'
}
