import { readFile } from 'node:fs/promises'
import { ImageRefusal } from './image-refusal.ts'
import type { ImageSource } from './image-source.ts'

/**
 * What a drawing has no need of: declarations of entities, elements that run or embed something, handlers, addresses of anything but its own parts and
 * pictures within. The renderer would pass over most of it; that somebody sent it is reason enough to refuse the file. Filters it does not pass over:
 * a line of them takes minutes of a thread that nothing can interrupt, the time limit of sharp no more than anything else.
 *
 * They are for text whose blanks are single (`plain` below), and none repeats what it has just repeated: each reads a text once, however it is made.
 */
const active = [
  /<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)/i,
  /<(?:[^\s<>/:]+:)?(?:script|foreignObject|iframe|embed|object|audio|video|handler|listener|set|animate\w*)[\s>/]/i,
  /<(?:[^\s<>/:]+:)?(?:filter|fe[A-Z]\w*)[\s>/]/i,
  /\bfilter ?(?:\/\*|[:=](?! ?["']? ?none))/i,
  /\son\w+ ?=/i,
  /(?:href|src) ?=(?! ?["']? ?(?:#|data:image\/(?:png|jpeg|webp);)| ?(?:" ?"|' ?'))/i,
  /url\((?! ?["']? ?(?:#|data:image\/(?:png|jpeg|webp);))/i,
  /@import|<\?xml-stylesheet/i,
]

/** Bytes of text. A drawing of a logo has a few thousand. */
const longest = 512 * 1024

export async function refuseActiveSvg(source: ImageSource): Promise<void> {
  const bytes = typeof source === 'string' ? await readFile(source) : source
  if (bytes.length > longest) throw new ImageRefusal('svg-too-large')
  const text = Buffer.from(bytes).toString('utf8')
  // In another encoding the words could not be seen.
  if (text.includes('\u0000') || text.includes('\uFFFD') || /encoding\s*=\s*["'](?!utf-8|us-ascii)/i.test(text)) throw new ImageRefusal('active-svg')
  const words = plain(text)
  // Both: what a style sheet reads as `#a` may be no such thing in an attribute.
  if ([words, withoutEscapes(words)].some(isActive) || hasSubset(words) || hasHiddenStyle(words)) throw new ImageRefusal('active-svg')
}

function isActive(words: string): boolean {
  return active.some((pattern) => pattern.test(words))
}

/** `&#x6a;avascript:` is a word too, and `url(&quot;#a&quot;)` a usual way to write one. */
function plain(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|quot|apos);/gi, decoded).replace(/\s+/g, ' ')
}

function decoded(_reference: string, hex: string | undefined, decimal: string | undefined): string {
  if (!hex && !decimal) return '"'
  return character(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10))
}

/** In a style sheet `f\69lter` is a filter, and so is `f\ilter` where the letter is no digit. */
function withoutEscapes(words: string): string {
  return words.replace(/\\(?:([0-9a-f]{1,6}) ?|(.))/gi, (_escape, hex?: string, other?: string) => other ?? character(Number.parseInt(hex ?? '', 16)))
}

function character(point: number): string {
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ''
}

/** A DOCTYPE with declarations of its own. */
function hasSubset(words: string): boolean {
  return words
    .split(/<!DOCTYPE/i)
    .slice(1)
    .some((piece) => /^[^>[]*\[/.test(piece))
}

/** A style sheet that is more than one run of text: `fil<!-- -->ter` is one word to the renderer. One CDATA section is how CorelDRAW writes it. */
function hasHiddenStyle(words: string): boolean {
  return words
    .split(/<(?:[^\s<>/:]+:)?style(?=[\s>/])/i)
    .slice(1)
    .some((piece) => !/^(?: [^<>]*)?(?:\/>|>[^<]*<\/|> ?<!\[CDATA\[[^<\]]*\]\]> ?<\/)/.test(piece))
}
