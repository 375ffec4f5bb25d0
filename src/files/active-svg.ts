import { readFile } from 'node:fs/promises'
import { ImageRefusal } from './image-refusal.ts'

/**
 * What a drawing has no need of: declarations of entities, elements that run or embed something, handlers, addresses of anything but its own parts and
 * pictures within. The renderer would pass over most of it; that somebody sent it is reason enough to refuse the file.
 */
const active = [
  /<!(?:DOCTYPE[^>[]*\[|ENTITY)/i,
  /<(?:\w+:)?(?:script|foreignObject|iframe|embed|object|audio|video|handler|listener|set|animate\w*)[\s>/]/i,
  /\son\w+\s*=/i,
  /(?:href|src)\s*=\s*["']?\s*(?!#|data:image\/(?:png|jpeg|webp);|["'])[^\s"'>]/i,
  /url\(\s*["']?\s*(?!#|data:image\/(?:png|jpeg|webp);)/i,
  /@import|<\?xml-stylesheet/i,
]

/** Bytes of text. A drawing of a logo has a few thousand. */
const longest = 2 * 1024 * 1024

export async function refuseActiveSvg(source: Uint8Array | string): Promise<void> {
  const bytes = typeof source === 'string' ? await readFile(source) : source
  if (bytes.length > longest) throw new ImageRefusal('too-many-pixels')
  const text = Buffer.from(bytes).toString('utf8')
  // In another encoding the words could not be seen.
  if (text.includes('\u0000') || text.includes('\uFFFD') || /encoding\s*=\s*["'](?!utf-8|us-ascii)/i.test(text)) throw new ImageRefusal('active-svg')
  if (active.some((pattern) => pattern.test(text.replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, decoded)))) throw new ImageRefusal('active-svg')
}

/** `&#x6a;avascript:` is a word too. */
function decoded(_reference: string, hex: string | undefined, decimal: string | undefined): string {
  const point = Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ''
}
