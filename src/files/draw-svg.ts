import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ImageRefusal } from './image-refusal.ts'

export interface Drawing {
  /** PNG. */
  bytes: Buffer
  /** As the SVG names its size. */
  width: number
  height: number
}

const painter = fileURLToPath(new URL('./paint-svg.ts', import.meta.url))
const headerSize = 8

/** Draws an SVG in a process of its own, which is ended where that takes longer: a few lines of it can keep the renderer busy for hours. */
export async function drawSvg(svg: Uint8Array, milliseconds: number): Promise<Drawing> {
  const child = spawn(process.execPath, [painter], { stdio: ['pipe', 'pipe', 'ignore'], env: {} })
  const ended = once(child, 'close')
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, milliseconds)
  try {
    // It may end before it has read everything.
    child.stdin.on('error', () => {})
    child.stdin.end(svg)
    const output = await buffer(child.stdout)
    const [code] = await ended
    if (code !== 0 || output.length <= headerSize) throw new ImageRefusal(isLate ? 'too-slow' : 'broken')
    return { width: output.readUInt32BE(0), height: output.readUInt32BE(4), bytes: output.subarray(headerSize) }
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}
