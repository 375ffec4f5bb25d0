// A process of its own, because nothing can interrupt the renderer: `node paint-svg.ts` reads an SVG and writes its width and height, four bytes each,
// and then a PNG of it. Whoever starts it ends it where it takes too long (src/files/draw-svg.ts).
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { drawnSvg, mostPixels } from './image-bounds.ts'

const svg = await buffer(process.stdin)
const { width, height, density = 72 } = await sharp(svg, { limitInputPixels: false }).metadata()
const scaled = Math.min(Math.max((density * drawnSvg) / Math.max(width, height), 1), 100_000)
const png = await sharp(svg, { density: scaled, limitInputPixels: mostPixels, failOn: 'error' }).png({ compressionLevel: 3 }).toBuffer()
const size = Buffer.alloc(8)
size.writeUInt32BE(Math.round(width))
size.writeUInt32BE(Math.round(height), 4)
process.stdout.end(Buffer.concat([size, png]))
