import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isId, newId } from '../security/random-token.ts'
import { etagOf, filesBelow, moveTo, onDisk, whereThere, writeWhole } from './disk-files.ts'
import { leastPartSize, type PartUpload, type PartUploads, StorageFailure, type StoredObject, type UploadedPart } from './object-storage.ts'
import { areAllParts } from './same-parts.ts'
import { countedSender } from './sender.ts'

export interface DiskParts {
  parts: string
  incoming: string
  pathOf(key: string): string
  describe(key: string): Promise<StoredObject>
}

/**
 * A folder for each upload: `key`, and the parts by number. Whoever joins them renames it first, which one of several processes can do: from then on
 * no part comes in. What a process that was killed has left under that name is swept.
 */
export function createDiskParts(disk: DiskParts): PartUploads {
  const { parts, incoming } = disk
  /** Those of this process. */
  const joins = new Map<string, Promise<StoredObject>>()
  return {
    begin: (key) => onDisk(() => begin(parts, key)),
    signedUrl: async () => undefined,
    put: (upload, { part, body, size, signal }) =>
      onDisk(async () => {
        const folder = join(parts, upload.id)
        if (!(await isOf(folder, upload))) throw new StorageFailure('unknown-upload')
        const place = async (written: string) => {
          const etag = etagOf(await stat(written, { bigint: true }))
          // No folder is made for it: while the body came the upload may have been given up, or completed.
          await unlessGone(() => rename(written, join(folder, nameOf(part))))
          return { part, size, etag }
        }
        return writeWhole(incoming, countedSender(body, { exactly: size }).stream, place, { signal })
      }),
    list: (upload) => onDisk(() => listUpload(parts, upload)),
    complete(upload, wanted) {
      const same = JSON.stringify([upload.key, upload.id, wanted])
      const running = joins.get(same) ?? onDisk(() => joinParts(disk, upload, wanted)).finally(() => joins.delete(same))
      joins.set(same, running)
      return running
    },
    abort: (upload) =>
      onDisk(async () => {
        if (!isId(upload.id)) return
        // In this order: a join that fails meanwhile renames the one to the other.
        await forget(join(parts, joiningOf(upload)))
        await forget(join(parts, upload.id))
      }),
  }
}

async function begin(parts: string, key: string): Promise<string> {
  const id = newId()
  await mkdir(join(parts, id), { recursive: true })
  try {
    await writeFile(join(parts, id, 'key'), key)
  } catch (error) {
    await rm(join(parts, id), { recursive: true, force: true })
    throw error
  }
  return id
}

async function isOf(folder: string, { key, id }: PartUpload): Promise<boolean> {
  return isId(id) && (await whereThere(() => readFile(join(folder, 'key'), 'utf8'))) === key
}

function joiningOf({ id }: PartUpload): string {
  return `${id}.joining`
}

/** Of the folder that is there from beginning to end: it may get the other name, and its own again, in between. */
async function listUpload(parts: string, upload: PartUpload): Promise<UploadedPart[]> {
  for (const name of [upload.id, joiningOf(upload), upload.id]) {
    const folder = join(parts, name)
    const found = (await isOf(folder, upload)) ? await whereThere(() => listParts(folder)) : undefined
    if (found && (await isOf(folder, upload))) return found
  }
  throw new StorageFailure('unknown-upload')
}

async function listParts(folder: string): Promise<UploadedPart[]> {
  const found: UploadedPart[] = []
  for await (const name of filesBelow(folder)) {
    if (name === 'key') continue
    const part = await stat(join(folder, name), { bigint: true })
    found.push({ part: Number(name), size: Number(part.size), etag: etagOf(part) })
  }
  return found
}

async function unlessGone(move: () => Promise<void>): Promise<void> {
  const moved = await whereThere(async () => {
    await move()
    return true
  })
  if (!moved) throw new StorageFailure('unknown-upload')
}

async function joinParts(disk: DiskParts, upload: PartUpload, wanted: readonly UploadedPart[]): Promise<StoredObject> {
  const { parts, incoming, pathOf, describe } = disk
  requireSame(await listUpload(parts, upload), wanted)
  const [open, joining] = [join(parts, upload.id), join(parts, joiningOf(upload))]
  await unlessGone(() => rename(open, joining))
  try {
    // A part may have come in the moment before.
    requireSame(await listParts(joining), wanted)
    const paths = wanted.map(({ part }) => join(joining, nameOf(part)))
    const source = Readable.from(joined(paths), { objectMode: false })
    await writeWhole(incoming, source, (written) => moveTo(written, pathOf(upload.key)))
  } catch (error) {
    // It can be tried again, unless it was given up meanwhile.
    await whereThere(() => rename(joining, open))
    throw error
  }
  await forget(joining)
  return describe(upload.key)
}

/** The key first: nobody lists what is half removed. */
async function forget(folder: string): Promise<void> {
  await rm(join(folder, 'key'), { force: true })
  // Again where a part came in between.
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

function requireSame(there: readonly UploadedPart[], wanted: readonly UploadedPart[]): void {
  if (!areAllParts(there, wanted) || !areLargeEnough(there)) throw new StorageFailure('mismatch')
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
