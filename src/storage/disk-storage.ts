import type { BigIntStats } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ByteRange } from '../files/byte-range.ts'
import { closedModes, etagOf, filesBelow, moveTo, onDisk, openModes, removeEmpty, removeStale, whereThere, writeWhole } from './disk-files.ts'
import { createDiskParts } from './disk-parts.ts'
import { eachIn } from './each-in.ts'
import type { ObjectBody, ObjectStorage, StoredObject } from './object-storage.ts'
import { countedSender } from './sender.ts'

/**
 * Files below one folder: `objects` by their keys, `incoming` and `parts` for what is on its way, on the same file system, so that a rename makes an
 * object appear whole. No key is the folder of another.
 */
export function createDiskStorage(root: string, { closed = false }: { closed?: boolean } = {}): ObjectStorage {
  const modes = closed ? closedModes : openModes
  const [objects, incoming, parts] = [join(root, 'objects'), join(root, 'incoming'), join(root, 'parts')]
  const pathOf = (key: string) => join(objects, ...key.split('/'))
  const describe = async (key: string) => asObject(key, await stat(pathOf(key), { bigint: true }))
  return {
    put: (key, body, { signal, ...passing }) =>
      onDisk(async () => {
        await writeWhole(incoming, countedSender(body, passing).stream, (written) => moveTo(written, pathOf(key), modes), { signal, modes })
        return describe(key)
      }),
    read: (key, range) => onDisk(() => whereThere(() => openFile(key, pathOf(key), range))),
    stat: (key) => onDisk(() => whereThere(() => describe(key))),
    remove: (keys) =>
      onDisk(async () => {
        for (const key of keys) {
          await whereThere(() => unlink(pathOf(key)))
          await removeEmpty(dirname(pathOf(key)), objects)
        }
      }),
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      for await (const path of eachIn(onDisk, filesBelow(join(objects, folder), folder))) {
        const found = path.startsWith(prefix) ? await onDisk(() => whereThere(() => describe(path))) : undefined
        if (found) yield found
      }
    },
    signedUrl: async () => undefined,
    parts: createDiskParts({ parts, incoming, pathOf, describe }),
    sweep: (before) =>
      onDisk(async () => {
        await removeStale(incoming, before)
        await removeStale(parts, before)
      }),
    async close() {},
  }
}

/** From the moment it is opened the file is what it was, whatever takes its place. */
async function openFile(key: string, path: string, range: ByteRange | undefined): Promise<ObjectBody> {
  const file = await open(path)
  try {
    const object = asObject(key, await file.stat({ bigint: true }))
    return { ...object, stream: file.createReadStream(range ? { start: range.first, end: range.last } : {}) }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** A folder is none, whatever is in it. */
function asObject(key: string, found: BigIntStats): StoredObject {
  if (!found.isFile()) throw Object.assign(new Error('that is a folder'), { code: 'EISDIR' })
  return { key, size: Number(found.size), etag: etagOf(found), modifiedAt: found.mtime }
}
