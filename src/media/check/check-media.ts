import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TenantDb } from '../../db/client.ts'
import { displayName } from '../../files/file-name.ts'
import { drawnSvg } from '../../files/image-bounds.ts'
import { ImageRefusal } from '../../files/image-refusal.ts'
import type { Images } from '../../files/images.ts'
import { sniffedBytes } from '../../files/sniff-file.ts'
import type { TenantStorage } from '../../storage/tenant-storage.ts'
import { removeObjects } from '../discard-media.ts'
import { findMedia, type MediaRow, originalOf, variantOf } from '../media.ts'
import { isText, type MediaType, mediaKinds, mediaTypeOf } from '../media-type.ts'
import { mostImageBytes } from '../sizes.ts'
import { focusWord, type KeptVariant, readVariants } from '../variant.ts'
import { makeVariants, type Picture, planCuts, planWhole } from './make-variants.ts'
import { MediaRefusal } from './media-refusal.ts'
import { readWhole } from './read-whole.ts'

export interface CheckTools {
  db: TenantDb
  storage: TenantStorage
  images: Images
}

/** Begins with it: what a killed process left behind is found by the name. */
export const temporaryPrefix = 'tenantry-media-'

/**
 * Lets a file out of quarantine, or refuses it and removes its bytes. Of an image that is out already the cuts are made anew where its focus has moved.
 * May be begun again at any time, and comes to the same end: what a try before it left behind nobody names, and the daily sweep removes it.
 */
export async function checkMedia(tools: CheckTools, id: string): Promise<void> {
  const row = await findMedia(tools.db, id)
  if (row?.status === 'ready') return renewCuts(tools, row)
  if (row?.status !== 'checking') return
  try {
    await release(tools, row, await examine(tools, row))
  } catch (error) {
    if (!(error instanceof MediaRefusal || error instanceof ImageRefusal)) throw error
    await refuse(tools, row.id, error.reason)
  }
}

interface Verdict extends MediaType {
  sha256: string
  width?: number
  height?: number
  variants?: KeptVariant[]
}

/** What came in one request was sniffed and hashed on its way; of what came in parts nothing is known yet but what its sender says. */
async function examine(tools: CheckTools, row: MediaRow): Promise<Verdict> {
  const known = typeOf(row)
  const type = known ?? (await sniff(tools.storage, row))
  if (type.kind === 'image') return examineImage(tools, row, type)
  const sha256 = known && row.sha256 && !isText(type) ? row.sha256 : await readWhole(tools.storage, originalOf(row.id), { text: isText(type) })
  return { ...type, sha256: same(row, sha256) }
}

function typeOf({ kind, contentType, extension }: MediaRow): MediaType | undefined {
  const known = mediaKinds.find((one) => one === kind)
  return known && contentType !== null && extension !== null ? { kind: known, contentType, extension } : undefined
}

async function sniff(storage: TenantStorage, { id, name }: MediaRow): Promise<MediaType> {
  const found = await storage.read(originalOf(id), { first: 0, last: sniffedBytes - 1 })
  if (!found) throw new MediaRefusal('lost')
  const type = await mediaTypeOf(await buffer(found.stream), name)
  if (!type) throw new MediaRefusal('type-not-taken')
  return type
}

/** From a file of ours, so that the memory holds pixels only. */
async function examineImage(tools: CheckTools, row: MediaRow, type: MediaType): Promise<Verdict> {
  if (row.size > BigInt(mostImageBytes)) throw new MediaRefusal('image-too-large')
  return withCopy(tools.storage, row, async (source, sha256) => {
    same(row, sha256)
    const { width, height } = await tools.images.inspect(source)
    const picture = { ...pictureOf(row, source, { width, height }), ...drawnSize(type, { width, height }) }
    const variants = await makeVariants(tools, picture, [...planWhole(picture), ...planCuts(picture)])
    return { ...type, sha256, width, height, variants }
  })
}

async function withCopy<Result>(storage: TenantStorage, { id }: MediaRow, work: (path: string, sha256: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), `${temporaryPrefix}${process.pid}-`))
  try {
    const path = join(folder, 'original')
    return await work(path, await readWhole(storage, originalOf(id), { to: path }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function pictureOf({ id, focusX, focusY }: MediaRow, source: string, size: { width: number; height: number }): Picture {
  return { id, source, focusX, focusY, ...size }
}

/** A drawing has no pixels of its own: it is drawn as large as it is needed (src/files/paint-svg.ts). */
function drawnSize({ extension }: MediaType, size: { width: number; height: number }): { width: number; height: number } {
  if (extension !== 'svg') return size
  const scale = drawnSvg / Math.max(size.width, size.height)
  return { width: Math.max(1, Math.round(size.width * scale)), height: Math.max(1, Math.round(size.height * scale)) }
}

function same({ sha256 }: MediaRow, found: string): string {
  if (sha256 !== null && sha256 !== found) throw new MediaRefusal('checksum')
  return found
}

async function release({ db, storage }: CheckTools, { id, name }: MediaRow, { variants = [], ...facts }: Verdict): Promise<void> {
  const data = { ...facts, variants: variants.map((one) => ({ ...one })), name: displayName(name, facts.extension), status: 'ready' }
  const { count } = await db.media.updateMany({ where: { id, status: 'checking' }, data })
  // It was removed meanwhile, or another worker was first.
  if (count === 0) await storage.remove(variants.map((one) => variantOf(id, one.name)))
}

/** The row first: from then on nothing counts on the bytes. */
async function refuse({ db, storage }: CheckTools, id: string, reason: string): Promise<void> {
  const { count } = await db.media.updateMany({ where: { id, status: 'checking' }, data: { status: 'refused', reason } })
  if (count > 0) await removeObjects(storage, id)
}

async function renewCuts(tools: CheckTools, row: MediaRow): Promise<void> {
  const before = readVariants(row.variants)
  const [whole, cuts] = [before.filter(({ use }) => use === 'whole'), before.filter(({ use }) => use !== 'whole')]
  const type = typeOf(row)
  if (!type || cuts.length === 0 || cuts.every(({ focus }) => focus === focusWord(row))) return
  const { width, height } = drawnSize(type, { width: row.width ?? 1, height: row.height ?? 1 })
  const made = await withCopy(tools.storage, row, (source) => {
    const picture = pictureOf(row, source, { width, height })
    return makeVariants(tools, picture, planCuts(picture))
  })
  const { id, focusX, focusY } = row
  const variants = [...whole, ...made].map((one) => ({ ...one }))
  const { count } = await tools.db.media.updateMany({ where: { id, status: 'ready', focusX, focusY }, data: { variants } })
  await tools.storage.remove((count > 0 ? cuts : made).map(({ name }) => variantOf(id, name)))
}
