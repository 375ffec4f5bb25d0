import { createHash } from 'node:crypto'

/** One number for all parts, however many: writer and reader each make it of what passes them. */
export interface PartChain {
  add(part: { name: string; size: number; sha256: string }): void
  count(): number
  sha256(): string
}

export function createPartChain(): PartChain {
  const hash = createHash('sha256')
  let count = 0
  return {
    add({ name, size, sha256 }) {
      hash.update(`${sha256} ${size} ${name}\n`)
      count++
    },
    count: () => count,
    sha256: () => hash.copy().digest('hex'),
  }
}
