import { fileTypeFromBuffer } from 'file-type'

/** Bytes from a file's beginning that tell what it is. */
export const sniffedBytes = 4_100

export interface FileKind {
  /** IANA media type. */
  contentType: string
  /** Without the dot. */
  extension: string
}

/**
 * What a file is by its own first bytes: what its name and sender say is not asked (ASVS V5.2.2). Undefined for what nothing is known of, plain text
 * and HTML among it.
 */
export async function sniffFile(head: Uint8Array): Promise<FileKind | undefined> {
  if (isSvg(head)) return { contentType: 'image/svg+xml', extension: 'svg' }
  const found = await fileTypeFromBuffer(head)
  // XML is whatever its root element is; of the others no known one is SVG.
  return found && found.mime !== 'application/xml' ? { contentType: found.mime, extension: found.ext } : undefined
}

/** The root element, after what XML lets stand before it. */
const svgStart = /^\uFEFF?(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE(?:\[[\s\S]*?\]|[^>[])*>)*<(?:\w+:)?svg[\s>/]/i

function isSvg(head: Uint8Array): boolean {
  const first = head.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
  return first === 0x3c && svgStart.test(Buffer.from(head).toString('utf8'))
}
