import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Manifest, notAnArchive } from './manifest.ts'
import type { NamedObject, Naming } from './named-object.ts'
import { createPartChain } from './part-chain.ts'
import { damaged, type RowsPart, readParts } from './read-archive.ts'
import { readRow } from './table-rows.ts'

/** An archive that can be read several times, decrypted. */
export interface ArchiveSource {
  open(): Promise<Readable>
}

export interface CheckedArchive {
  manifest: Manifest
  objects: number
  objectBytes: number
  /** Of objects that count for the quota, as they are and not as a row says. */
  countedBytes: number
  /** Objects that no row names: nobody would ever find or remove them. */
  unnamed: number
  /** What is read again has to be the same: everything before the first object, and everything. */
  sums: { rows: string; all: string }
}

export interface CheckTools {
  naming: Naming
  signal?: AbortSignal
  progress?: (line: string) => void
}

/** No part of rows that we wrote comes near it. */
const mostRows = 64 * 1024 * 1024

/** Reads all of it once, and answers what is in it. Throws one line where it is not whole, or not what its manifest says. */
export async function checkArchive(source: ArchiveSource, { naming, signal, progress }: CheckTools): Promise<CheckedArchive> {
  const found = { objects: 0, objectBytes: 0, countedBytes: 0, unnamed: 0 }
  const lines = new Map<string, number>()
  // Some hundred bytes for each object: rows come first, and an object is struck off when it comes.
  const named = new Map<string, boolean>()
  const chain = createPartChain()
  let manifest: Manifest | undefined
  let rows: string | undefined
  for await (const part of readParts(await source.open(), chain)) {
    signal?.throwIfAborted()
    if (part.kind === 'manifest') manifest = part.manifest
    else if (part.kind === 'rows') {
      // Whoever writes them stops at the first object.
      if (rows !== undefined) throw new Error(notAnArchive)
      const read = await readLines(part)
      lines.set(part.table, (lines.get(part.table) ?? 0) + read.length)
      for (const { key, counted = false } of namedBy(naming[part.table], read)) named.set(key, counted)
    } else {
      rows ??= chain.sha256()
      found.objects++
      found.objectBytes += part.size
      if (named.get(part.key)) found.countedBytes += part.size
      if (!named.delete(part.key)) found.unnamed++
      progress?.(`checking the archive: ${found.objects} objects, ${Math.round(found.objectBytes / 1024 ** 2)} MB`)
    }
  }
  if (!manifest) throw new Error(notAnArchive)
  const counts = new Map(manifest.tables.map(({ name, rows }) => [name, rows]))
  for (const name of new Set([...counts.keys(), ...lines.keys()])) if ((counts.get(name) ?? 0) !== (lines.get(name) ?? 0)) throw new Error(damaged)
  const all = chain.sha256()
  return { manifest, ...found, sums: { rows: rows ?? all, all } }
}

function namedBy(name: Naming[string] | undefined, lines: readonly string[]): readonly NamedObject[] {
  if (!name) return []
  try {
    return lines.flatMap((line) => name(readRow(line)))
  } catch {
    // Rows of another release, or of nobody: they name nothing, and are refused for what they are.
    return []
  }
}

export async function readLines({ size, stream }: RowsPart): Promise<string[]> {
  if (size > mostRows) throw new Error(notAnArchive)
  return (await text(stream)).split('\n').filter(Boolean)
}
