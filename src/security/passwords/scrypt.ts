import { type BinaryLike, scrypt } from 'node:crypto'
import { affordable } from './hash-format.ts'

export interface ScryptCosts {
  /** N, a power of two. */
  cost: number
  /** r */
  blockSize: number
  /** p */
  parallelization: number
}

/** 128 · N · r bytes, written and then read once for each lane (RFC 7914, 5). */
const memoryOf = ({ cost, blockSize }: ScryptCosts) => 128 * cost * blockSize

export function isAffordableScrypt(costs: ScryptCosts): boolean {
  const { cost, blockSize, parallelization } = costs
  const sound = Number.isInteger(Math.log2(cost)) && cost >= 2 && blockSize >= 1 && blockSize <= 64
  return sound && affordable.lanes(parallelization) && affordable.memory(memoryOf(costs), 2 * parallelization)
}

export function deriveScrypt(password: string, salt: BinaryLike, { length, ...costs }: ScryptCosts & { length: number }): Promise<Buffer> {
  // Node's own bound is 32 MiB; ours was asked already. The lanes' blocks come on top.
  const maxmem = memoryOf(costs) + 128 * costs.blockSize * (costs.parallelization + 2)
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { ...costs, maxmem }, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
