import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Key } from '../../security/age.ts'
import type { ArchiveSource } from '../../site-archive/check-archive.ts'
import { createDecrypter } from '../../site-archive/encryption.ts'

export const standard = '-'

/** For the eyes of its owner, and under its name only once it is whole. */
export async function writeFileWhole(path: string, archive: Readable, signal: AbortSignal): Promise<void> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`
  try {
    await pipeline(archive, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }), { signal })
    await requireFree(path)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw diskFault(error, path)
  }
}

export async function requireFree(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (there) throw new Error(`${path} is there already: give another name.`)
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
  const open = createDecrypter(key)
  const from = (file: string) => ({ open: async () => open(await openFile(file, path)) })
  if (path !== standard) return work(from(path))
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-archive-'))
  try {
    const file = join(folder, 'archive')
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o600 }), { signal }).catch((error) => {
      throw diskFault(error, folder)
    })
    return await work(from(file))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function openFile(file: string, named: string): Promise<Readable> {
  return new Promise((opened, fail) => {
    const stream = createReadStream(file)
    stream.once('open', () => opened(stream))
    stream.once('error', (cause) => fail(new Error(`${named} cannot be read: there is no such file, or it is not yours.`, { cause })))
  })
}

function diskFault(error: unknown, path: string): unknown {
  const code = Reflect.get(Object(error), 'code')
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Error(`The disk of ${path} is full. Nothing of the archive was kept.`, { cause: error })
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return new Error(`${path} cannot be written.`, { cause: error })
  return error
}
