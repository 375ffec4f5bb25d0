import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { type Coding, codings } from './accept-encoding.ts'

/** The bytes of a file in one coding. */
export interface Representation {
  bytes: Buffer
  /** A strong one: of these bytes, so that it is the same on every copy of the service. */
  etag: string
}

export interface HashedFile {
  type: string
  /** `identity` is always there. */
  codings: readonly Coding[]
  in(coding: Coding): Representation
}

export interface HashedFiles {
  /** Undefined where there is no such file. At once where it is in memory. */
  read(folder: string, name: string): HashedFile | Promise<HashedFile | undefined>
}

const extensions: Record<Coding, string> = { identity: '', br: '.br', gzip: '.gz' }

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** Letters, digits, `_`, `-`, and dots inside: no path, nothing hidden. */
const plainName = /^[\w-]+(?:\.[\w-]+)+$/

/**
 * Files whose names change with what is in them, and the `.br` and `.gz` beside them, which are no files of their own. Nothing is ever read twice while it is in
 * memory, not even whether it is still there. Whoever writes such files writes the one without a suffix last: it is what says that they are complete.
 */
export function createHashedFiles(maxBytes = 32 * 1024 * 1024): HashedFiles {
  const kept = new LRUCache<string, HashedFile>({ maxSize: maxBytes, sizeCalculation })
  const flights = new Map<string, Promise<HashedFile | undefined>>()
  return {
    read(folder, name) {
      const path = join(folder, name)
      const known = kept.get(path) ?? flights.get(path)
      if (known) return known
      if (!plainName.test(name) || /\.(?:br|gz)$/.test(name)) return Promise.resolve(undefined)
      const flight = load(path)
        .then((file) => {
          if (file) kept.set(path, file)
          return file
        })
        .finally(() => flights.delete(path))
      flights.set(path, flight)
      return flight
    },
  }
}

async function load(path: string): Promise<HashedFile | undefined> {
  const identity = await represent(path, 'identity')
  if (!identity) return undefined
  const all = { br: await represent(path, 'br'), gzip: await represent(path, 'gzip'), identity }
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    codings: codings.filter((coding) => all[coding]),
    in: (coding) => all[coding] ?? identity,
  }
}

const missing = ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']

async function represent(path: string, coding: Coding): Promise<Representation | undefined> {
  try {
    const bytes = await readFile(path + extensions[coding])
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
  } catch (error) {
    if (error instanceof Error && 'code' in error && missing.includes(String(error.code))) return undefined
    throw error
  }
}

function sizeCalculation(file: HashedFile, path: string): number {
  return file.codings.reduce((size, coding) => size + file.in(coding).bytes.length, 2 * path.length + 500)
}
