import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import type { ObjectKind } from '../storage/object-storage.ts'
import { isOwnKey } from '../storage/tenant-storage.ts'
import { type Manifest, notAnArchive, readEnd, readManifest } from './manifest.ts'
import { createPartChain, type PartChain } from './part-chain.ts'
import { endName, manifestName, objectFolder, pax } from './write-archive.ts'

/** Rows of a table, a line each. */
export interface RowsPart {
  kind: 'rows'
  table: string
  size: number
  stream: Readable
}

export interface ObjectPart {
  kind: 'object'
  key: string
  size: number
  as: ObjectKind
  stream: Readable
}

export type Part = { kind: 'manifest'; manifest: Manifest } | RowsPart | ObjectPart

export const damaged = 'The archive is damaged: it was cut off or changed on its way. Copy it anew, or export the site again.'

export const replaced =
  'The archive is another one than when it was checked: let nobody write to its file, and import it again. Nothing was imported.'

/** More than any manifest and end have, so that nobody is made to keep gigabytes in memory. */
const mostText = 4 * 1024 * 1024

/**
 * Parts in their order, the manifest first. Whoever asks for the next one is done with the last; what they left unread is read. Throws one line
 * where something is missing, too much or not what it was. A reader that stops early learns nothing of the rest. `chain` has all parts before
 * the one that it is at.
 */
export async function* readParts(source: Readable, chain: PartChain = createPartChain()): AsyncGenerator<Part> {
  const tar = extract()
  const fed = pipeline(source, tar)
  fed.catch(() => {})
  let at: 'start' | 'parts' | 'end' = 'start'
  try {
    for await (const source of tar) {
      const { name, size } = source.header
      const entry = Readable.from(source)
      if (at === 'end' || (name === manifestName) !== (at === 'start')) throw new Error(notAnArchive)
      if (name === endName) {
        checkEnd(await readText(entry, size), chain)
        at = 'end'
        continue
      }
      at = 'parts'
      const counted = passing(entry)
      yield name === manifestName
        ? { kind: 'manifest', manifest: readManifest(await readText(counted.stream, size)) }
        : describe(source.header, counted.stream)
      counted.stream.resume()
      chain.add({ name, size, sha256: await counted.sha256 })
    }
    await fed
  } catch (error) {
    throw tarFault(error, at === 'start')
  }
  if (at !== 'end') throw new Error(at === 'start' ? notAnArchive : damaged)
}

function describe({ name, size, pax: attributes }: Header, stream: Readable): Part {
  const [, table] = /^tables\/([a-z_]{1,63})\/\d{6}\.ndjson$/.exec(name) ?? []
  if (table) return { kind: 'rows', table, size, stream }
  const key = name.slice(objectFolder.length)
  if (!name.startsWith(objectFolder) || !isOwnKey(key)) throw new Error(notAnArchive)
  const word = (attribute: string) => String(Reflect.get(Object(attributes), attribute) ?? '')
  const as = { contentType: word(pax.contentType).slice(0, 200) || 'application/octet-stream', archive: word(pax.archive) === 'yes' }
  return { kind: 'object', key, size, as, stream }
}

function passing(entry: Readable): { stream: Readable; sha256: Promise<string> } {
  const hash = createHash('sha256')
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const sha256 = pipeline(entry, stream).then(() => hash.digest('hex'))
  sha256.catch(() => {})
  return { stream, sha256 }
}

async function readText(stream: Readable, size: number): Promise<string> {
  if (size > mostText) throw new Error(notAnArchive)
  return text(stream)
}

function checkEnd(json: string, chain: PartChain): void {
  const end = readEnd(json)
  if (end.parts !== chain.count() || end.sha256 !== chain.sha256()) throw new Error(damaged)
}

/** What the reader of tar says has no remedy in it. */
function tarFault(error: unknown, atStart: boolean): unknown {
  const message = error instanceof Error ? error.message : ''
  if (/^(Invalid tar header|Invalid header|Header exceeds max size)/.test(message))
    return new Error(atStart ? notAnArchive : damaged, { cause: error })
  return /^Unexpected end of data/.test(message) ? new Error(damaged, { cause: error }) : error
}
