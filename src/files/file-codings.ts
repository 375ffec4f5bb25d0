import { stat } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { type Coding, codingExtensions, codings } from './accept-encoding.ts'

/** Bytes of a file in the codings that lie beside it. `identity` is always there. */
export type FileCodings = ReadonlyMap<Coding, number>

const keptFiles = 50_000

/**
 * What there is of a file whose name changes with what is in it: looked up once. Undefined where there is no such file. Whoever writes such files writes the one
 * without a suffix last: it is what says that they are complete.
 */
export function createFileCodings(): (path: string) => FileCodings | Promise<FileCodings | undefined> {
  const kept = new LRUCache<string, FileCodings>(atMost(keptFiles))
  return (path) => kept.get(path) ?? look(path, kept)
}

async function look(path: string, kept: LRUCache<string, FileCodings>): Promise<FileCodings | undefined> {
  if ((await sizeOf(path)) === undefined) return undefined
  const found = new Map<Coding, number>()
  for (const coding of codings) {
    const size = await sizeOf(path + codingExtensions[coding])
    if (size !== undefined) found.set(coding, size)
  }
  kept.set(path, found)
  return found
}

const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && missing.includes(String(error.code))) return undefined
    throw error
  }
}
