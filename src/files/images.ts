import { createHash } from 'node:crypto'
import { open as openFile, readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import type { Sharp } from 'sharp'
import { createBoundedQueue } from '../security/bounded-queue.ts'
import { refuseActiveSvg } from './active-svg.ts'
import { type Drawing, drawSvg } from './draw-svg.ts'
import { mostPixels } from './image-bounds.ts'
import { ImageRefusal } from './image-refusal.ts'
import type { ImageSource } from './image-source.ts'
import { sniffedBytes, sniffFile } from './sniff-file.ts'

export const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/gif', 'image/svg+xml'] as const
export type ImageType = (typeof imageTypes)[number]

export interface ImageFacts {
  type: ImageType
  /** Pixels, as it is shown: a photograph that lies on its side is turned. */
  width: number
  height: number
}

export interface Recipe {
  format: 'png' | 'webp' | 'avif' | 'jpeg'
  /** `inside`: as large as fits, never enlarged. `cover`: fills the box, and what does not fit is cut. `contain`: fits, and the rest is `background`. */
  fit: 'inside' | 'cover' | 'contain'
  width: number
  height: number
  /** Of `cover`: what is to stay in the picture, from 0 to 1 of its width and height. Default: the middle. */
  focus?: { x: number; y: number }
  /** `#rrggbb`. Default: nothing, or white where the format knows no such thing. */
  background?: string
  /** Share of the box left free around a `contain`, from 0 to 0.4. */
  margin?: number
  /** 1 to 100. */
  quality?: number
  /** PNG of at most 256 colours. */
  palette?: boolean
}

export interface RenderedImage {
  bytes: Buffer
  width: number
  height: number
}

/** Reads and makes images, one or two at a time. Only pixels come over from one to the other: no metadata, no script, nothing hidden behind them. */
export interface Images {
  /** Throws an ImageRefusal for what is no image, or not one to be trusted with. */
  inspect(source: ImageSource): Promise<ImageFacts>
  render(source: ImageSource, recipe: Recipe): Promise<RenderedImage>
}

/** A GIF shows its first frame; one of thousands is made to cost something. */
const mostFrames = 1_000
/** Seconds of work for one image. */
const longest = 20

/** `drawingTime`: milliseconds that the drawing of one SVG may take. */
export function createImages({ concurrency = 2, queue = 64, drawingTime = longest * 1_000 } = {}): Images {
  const inTurn = createBoundedQueue({ concurrency, queue })
  const draw = createDraw(drawingTime)
  return {
    inspect: (source) => inTurn(() => decoding(() => inspect(source, draw))),
    render: (source, recipe) => inTurn(() => decoding(() => render(source, recipe, draw))),
  }
}

async function inspect(source: ImageSource, draw: Draw): Promise<ImageFacts> {
  const contentType = (await sniffFile(await headOf(source)))?.contentType
  const type = imageTypes.find((known) => known === contentType)
  if (!type) throw new ImageRefusal('not-an-image')
  if (type === 'image/svg+xml') {
    await refuseActiveSvg(source)
    const { width, height } = await draw(source)
    return { type, width, height }
  }
  const { autoOrient, pages = 1 } = await (await open(source)).metadata()
  if (pages > mostFrames) throw new ImageRefusal('too-many-frames')
  if (autoOrient.width * autoOrient.height > mostPixels) throw new ImageRefusal('too-many-pixels')
  return { type, ...autoOrient }
}

async function render(source: ImageSource, recipe: Recipe, draw: Draw): Promise<RenderedImage> {
  const image = await drawn(source, draw)
  const sized = (await resize(image, recipe)).timeout({ seconds: longest })
  const { data, info } = await encode(sized, recipe).toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.height }
}

/** With the first of them: the library need not lie in the memory of a process that makes no images. */
async function open(source: ImageSource): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp(source, { limitInputPixels: mostPixels, failOn: 'error' })
}

/** An SVG is drawn as large as it is needed; at the size it names it may be a few pixels, or thousands. */
async function drawn(source: ImageSource, draw: Draw): Promise<Sharp> {
  const head = await headOf(source)
  const isSvg = (await sniffFile(head))?.contentType === 'image/svg+xml'
  return isSvg ? open((await draw(source)).bytes) : (await open(source)).autoOrient()
}

type Draw = (source: ImageSource) => Promise<Drawing>

/** The last few drawings are kept: of one image many sizes are made, one after the other. */
function createDraw(drawingTime: number): Draw {
  const kept = new LRUCache<string, Promise<Drawing>>({ max: 4 })
  return async (source) => {
    const svg = typeof source === 'string' ? await readFile(source) : source
    const key = createHash('sha256').update(svg).digest('base64')
    const known = kept.get(key)
    if (known) return known
    const drawing = drawSvg(svg, drawingTime)
    kept.set(key, drawing)
    drawing.catch(() => kept.delete(key))
    return drawing
  }
}

async function headOf(source: ImageSource): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, sniffedBytes)
  const file = await openFile(source)
  const head = Buffer.alloc(sniffedBytes)
  const { bytesRead } = await file.read(head, 0, sniffedBytes, 0).finally(() => file.close())
  return head.subarray(0, bytesRead)
}

async function resize(image: Sharp, { fit, width, height, focus, background, margin = 0 }: Recipe): Promise<Sharp> {
  if (fit === 'inside') return image.resize({ width, height, fit, withoutEnlargement: true })
  if (fit === 'contain') {
    const [across, down] = [Math.round((width * margin) / 2), Math.round((height * margin) / 2)]
    const ground = background ?? { r: 0, g: 0, b: 0, alpha: 0 }
    return image
      .resize({ width: width - 2 * across, height: height - 2 * down, fit, background: ground })
      .extend({ left: across, right: across, top: down, bottom: down, background: ground })
  }
  const { autoOrient } = await image.metadata()
  const scale = Math.max(width / autoOrient.width, height / autoOrient.height)
  const cut = (whole: number, wanted: number, centre: number) => {
    const length = Math.min(whole, Math.round(wanted / scale))
    return { length, from: Math.round(Math.min(Math.max(centre * whole - length / 2, 0), whole - length)) }
  }
  const [across, down] = [cut(autoOrient.width, width, focus?.x ?? 0.5), cut(autoOrient.height, height, focus?.y ?? 0.5)]
  return image.extract({ left: across.from, top: down.from, width: across.length, height: down.length }).resize({ width, height, fit: 'fill' })
}

function encode(image: Sharp, { format, quality, palette, background }: Recipe): Sharp {
  if (format === 'png') return flattened(image, background).png({ compressionLevel: 9, ...(palette ? { palette, quality: quality ?? 90 } : {}) })
  if (format === 'webp') return flattened(image, background).webp({ quality: quality ?? 82 })
  if (format === 'avif') return flattened(image, background).avif({ quality: quality ?? 55, effort: 3 })
  return flattened(image, background ?? '#ffffff').jpeg({ quality: quality ?? 82, mozjpeg: true })
}

function flattened(image: Sharp, background: string | undefined): Sharp {
  return background ? image.flatten({ background }) : image
}

/** What the decoder says about an image is the image's fault, and its words are not for strangers. */
async function decoding<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ImageRefusal || error instanceof TypeError || 'code' in error) throw error
    throw new ImageRefusal(/pixel limit|too large|dimensions/i.test(error.message) ? 'too-many-pixels' : 'broken', error)
  }
}
