import { createReadStream } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isId, newId } from '../security/random-token.ts'
import { etagOf, filesBelow, onDisk, whereThere, writeWhole } from './disk-files.ts'
import { leastPartSize, type PartUpload, type PartUploads, StorageFailure, type StoredObject, type UploadedPart } from './object-storage.ts'
import { areAllParts } from './same-parts.ts'
import { countedSender } from './sender.ts'

export interface DiskParts {
  parts: string
  incoming: string
  pathOf(key: string): string
  describe(key: string): Promise<StoredObject>
}

/** A folder for each upload: `key`, and the parts by number. */
export function createDiskParts({ parts, incoming, pathOf, describe }: DiskParts): PartUploads {
  const folderOf = async ({ key, id }: PartUpload): Promise<string> => {
    const folder = join(parts, id)
    const kept = isId(id) ? await whereThere(() => readFile(join(folder, 'key'), 'utf8')) : undefined
    if (kept !== key) throw new StorageFailure('unknown-upload')
    return folder
  }
  const describePart = async (folder: string, part: number): Promise<UploadedPart> => {
    const found = await stat(join(folder, nameOf(part)), { bigint: true })
    return { part, size: Number(found.size), etag: etagOf(found) }
  }
  const listParts = async (folder: string): Promise<UploadedPart[]> => {
    const found: UploadedPart[] = []
    for await (const name of filesBelow(folder)) if (name !== 'key') found.push(await describePart(folder, Number(name)))
    return found
  }
  return {
    begin: (key) =>
      onDisk(async () => {
        const id = newId()
        await mkdir(join(parts, id), { recursive: true })
        try {
          await writeFile(join(parts, id, 'key'), key)
        } catch (error) {
          await rm(join(parts, id), { recursive: true, force: true })
          throw error
        }
        return id
      }),
    signedUrl: async () => undefined,
    put: (upload, { part, body, size, signal }) =>
      onDisk(async () => {
        const folder = await folderOf(upload)
        await writeWhole(incoming, join(folder, nameOf(part)), countedSender(body, { exactly: size }).stream, signal)
        return describePart(folder, part)
      }),
    list: (upload) => onDisk(async () => listParts(await folderOf(upload))),
    complete: (upload, wanted) =>
      onDisk(async () => {
        const folder = await folderOf(upload)
        const there = await listParts(folder)
        if (!areAllParts(there, wanted) || !areLargeEnough(there)) throw new StorageFailure('mismatch')
        const paths = wanted.map(({ part }) => join(folder, nameOf(part)))
        await writeWhole(incoming, pathOf(upload.key), Readable.from(joined(paths), { objectMode: false }))
        await rm(folder, { recursive: true, force: true })
        return describe(upload.key)
      }),
    abort: (upload) =>
      onDisk(async () => {
        if (isId(upload.id)) await rm(join(parts, upload.id), { recursive: true, force: true })
      }),
  }
}

/** So that names sort as numbers. */
function nameOf(part: number): string {
  return String(part).padStart(5, '0')
}

/** As S3 has it. */
function areLargeEnough(parts: readonly UploadedPart[]): boolean {
  return parts.slice(0, -1).every(({ size }) => size >= leastPartSize)
}

async function* joined(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path)
}
