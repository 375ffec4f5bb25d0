import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Key } from '../../security/age.ts'
import type { ArchiveSource } from '../../site-archive/check-archive.ts'
import { createDecrypter } from '../../site-archive/encryption.ts'

export const standard = '-'
const blockSize = 64 * 1024

/** For the eyes of its owner, and under its name only once it is whole. */
export async function writeFileWhole(path: string, archive: Readable, signal: AbortSignal): Promise<void> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`
  try {
    await pipeline(archive, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }), { signal })
    await takeName(path)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw diskFault(error, path)
  }
}

/**
 * The name belongs to us from here on, or to somebody else already. A hard link would be one step instead of two, but the file systems of most sticks
 * have none.
 */
async function takeName(path: string): Promise<void> {
  const empty = await open(path, 'wx', 0o600).catch((error) => {
    throw Reflect.get(Object(error), 'code') === 'EEXIST' ? taken(path) : error
  })
  await empty.close()
}

function taken(path: string): Error {
  return new Error(`${path} is there already: give another name.`)
}

export async function requireFree(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (there) throw taken(path)
}

export interface Archived {
  path: string
  key: Key
  signal: AbortSignal
}

/**
 * Lends what an archive holds, any number of times: from a file, or from the standard input by way of a temporary file, which is as encrypted as what
 * came in.
 */
export async function withArchive<Result>({ path, key, signal }: Archived, work: (source: ArchiveSource) => Promise<Result>): Promise<Result> {
  const decrypt = createDecrypter(key)
  const withFile = async (name: string) => {
    const file = await openFile(name)
    try {
      if (!(await file.stat()).isFile()) throw new Error(`${path} is no file, and it is read more than once: give - and a pipe.`)
      return await work({ open: () => decrypt(fromStart(file)) })
    } finally {
      await file.close()
    }
  }
  if (path !== standard) return withFile(path)
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-archive-'))
  try {
    const file = join(folder, 'archive')
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o600 }), { signal }).catch((error) => {
      throw diskFault(error, folder)
    })
    return await withFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Opened once for all passes: what takes its name meanwhile is another file. */
async function openFile(name: string): Promise<FileHandle> {
  try {
    return await open(name)
  } catch (cause) {
    throw new Error(`${name} cannot be read: there is no such file, or it is not yours.`, { cause })
  }
}

/** Read by place, so that passes do not disturb each other, and a stream that is let go closes nothing. */
function fromStart(file: FileHandle): Readable {
  return Readable.from(blocksOf(file), { objectMode: false })
}

async function* blocksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(blockSize), 0, blockSize, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function diskFault(error: unknown, path: string): unknown {
  const code = Reflect.get(Object(error), 'code')
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Error(`The disk of ${path} is full. Nothing of the archive was kept.`, { cause: error })
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return new Error(`${path} cannot be written.`, { cause: error })
  return error
}
