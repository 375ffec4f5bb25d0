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

function isSvg(head: Uint8Array): boolean {
  const first = head.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
  return first === 0x3c && /^<(?:\w+:)?svg[\s>/]/i.test(fromRoot(Buffer.from(head).toString('utf8')))
}

/**
 * A text from its root element on, after what XML lets stand before it; nothing where that has no end here. Jumps from one end to the next: one
 * expression for all of it tries every way to divide the text, and a few hundred bytes of `<!---->` keep it busy for ever.
 */
function fromRoot(text: string): string {
  let rest = text.trimStart()
  for (let end = prologEnd(rest); end !== 0; end = prologEnd(rest)) {
    if (end === undefined) return ''
    rest = rest.slice(end).trimStart()
  }
  return rest
}

/** Where the comment, instruction or DOCTYPE that a text begins with ends: 0 where it begins with none, undefined where that is not closed. */
function prologEnd(text: string): number | undefined {
  if (text.startsWith('<!--')) return after(text, '-->', 4)
  if (text.startsWith('<?')) return after(text, '?>', 2)
  if (text.slice(0, 9).toUpperCase() !== '<!DOCTYPE') return 0
  const mark = text.search(/[>[]/)
  if (text[mark] === '>') return mark + 1
  const subset = mark < 0 ? undefined : after(text, ']', mark)
  return subset && after(text, '>', subset)
}

function after(text: string, end: string, from: number): number | undefined {
  const at = text.indexOf(end, from)
  return at < 0 ? undefined : at + end.length
}
