import { randomUUID } from 'node:crypto'
import { type BigIntStats, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StorageFailure, type StorageReason } from './object-storage.ts'

/** What the file system says, as the storage says it. */
export async function onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StorageFailure ? error : new StorageFailure(reasons[codeOf(error)] ?? 'unavailable', error)
  }
}

const reasons: Record<string, StorageReason | undefined> = {
  ABORT_ERR: 'broken-off',
  EACCES: 'refused',
  EDQUOT: 'full',
  EISDIR: 'refused',
  ENOSPC: 'full',
  ENOTDIR: 'refused',
  EPERM: 'refused',
  EROFS: 'refused',
}

/** Undefined where there is no such file. */
export async function whereThere<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))) return undefined
    throw error
  }
}

function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), 'code'))
}

/** Who may read what is made: the process's own mask takes the rest away from the first. */
export interface Modes {
  folder: number
  file: number
}

export const openModes: Modes = { folder: 0o777, file: 0o666 }
export const closedModes: Modes = { folder: 0o700, file: 0o600 }

/** A file that is written whole, and put in its place, or not there. The signal ends it like a body that breaks off. */
export async function writeWhole<Placed>(
  folder: string,
  source: Readable,
  place: (written: string) => Promise<Placed>,
  { signal, modes = openModes }: { signal?: AbortSignal | undefined; modes?: Modes } = {},
): Promise<Placed> {
  await mkdir(folder, { recursive: true, mode: modes.folder })
  const written = join(folder, randomUUID())
  try {
    // Flushed: a name must not be there before what it names, or a power cut would leave an empty object.
    await pipeline(source, createWriteStream(written, { flags: 'wx', flush: true, mode: modes.file }), signal ? { signal } : {})
    return await place(written)
  } catch (error) {
    source.destroy()
    await rm(written, { force: true })
    throw error
  }
}

/** With the folders above it. They may be removed as empty ones between any two steps: then once more. */
export async function moveTo(written: string, path: string, modes = openModes, tries = 10): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: modes.folder })
    await rename(written, path)
  } catch (error) {
    if (tries <= 1 || codeOf(error) !== 'ENOENT') throw error
    await moveTo(written, path, modes, tries - 1)
  }
}

/** Changes whenever the file is replaced. */
export function etagOf({ size, mtimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ino].map((part) => part.toString(36)).join('-')
}

/** Files below `folder`, by their paths from there, in the order of those paths as bytes. */
export async function* filesBelow(folder: string, within = ''): AsyncGenerator<string> {
  const entries = (await whereThere(() => readdir(folder, { withFileTypes: true }))) ?? []
  const named = entries.map((entry) => ({ entry, sortedAs: entry.isDirectory() ? `${entry.name}/` : entry.name }))
  for (const { entry } of named.sort((one, other) => Buffer.compare(Buffer.from(one.sortedAs), Buffer.from(other.sortedAs)))) {
    if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name), `${within}${entry.name}/`)
    else yield within + entry.name
  }
}

/** Folders that have become empty go, up to `top` and without it. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let here = folder; here.startsWith(top + sep); here = dirname(here)) {
    try {
      await rmdir(here)
    } catch {
      return
    }
  }
}

/** What is directly below `folder` and has not been touched since. */
export async function removeStale(folder: string, before: Date): Promise<void> {
  for (const name of (await whereThere(() => readdir(folder))) ?? []) {
    const found = await whereThere(() => stat(join(folder, name)))
    if (found && found.mtime < before) await rm(join(folder, name), { recursive: true, force: true })
  }
}
