import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Manifest, notAnArchive } from './manifest.ts'
import { damaged, type RowsPart, readParts } from './read-archive.ts'

/** An archive that can be read several times, decrypted. */
export interface ArchiveSource {
  open(): Promise<Readable>
}

export interface CheckedArchive {
  manifest: Manifest
  objects: number
  objectBytes: number
}

/** No part of rows that we wrote comes near it. */
const mostRows = 64 * 1024 * 1024

/** Reads all of it once, and answers what is in it. Throws one line where it is not whole, or not what its manifest says. */
export async function checkArchive(source: ArchiveSource, progress: (line: string) => void = () => {}): Promise<CheckedArchive> {
  const found = { objects: 0, objectBytes: 0 }
  const lines = new Map<string, number>()
  let manifest: Manifest | undefined
  for await (const part of readParts(await source.open())) {
    if (part.kind === 'manifest') manifest = part.manifest
    else if (part.kind === 'rows') lines.set(part.table, (lines.get(part.table) ?? 0) + (await readLines(part)).length)
    else {
      found.objects++
      found.objectBytes += part.size
      progress(`checking the archive: ${found.objects} objects, ${Math.round(found.objectBytes / 1024 ** 2)} MB`)
    }
  }
  if (!manifest) throw new Error(notAnArchive)
  const counts = new Map(manifest.tables.map(({ name, rows }) => [name, rows]))
  for (const name of new Set([...counts.keys(), ...lines.keys()])) if ((counts.get(name) ?? 0) !== (lines.get(name) ?? 0)) throw new Error(damaged)
  return { manifest, ...found }
}

export async function readLines({ size, stream }: RowsPart): Promise<string[]> {
  if (size > mostRows) throw new Error(notAnArchive)
  return (await text(stream)).split('\n').filter(Boolean)
}
