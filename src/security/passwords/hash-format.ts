/** A stored hash that was understood. */
export interface StoredHash {
  /** Made by another system or with other costs than ours: to be replaced as soon as its password is seen. */
  outdated: boolean
  /** Of the password as it is given here: spellings are the caller's matter. */
  verify(password: string): Promise<boolean>
}

/** Undefined where the text is of another format, is malformed, or asks for more work than anybody's sign-in may cost. */
export type HashFormat = (stored: string) => StoredHash | undefined

const mebibyte = 1024 * 1024

/**
 * What one verification may cost. Stored hashes come from imports, and a single one with absurd costs could hold a thread for minutes or take the
 * machine's memory at every sign-in that names its account. Each bound is above what the systems themselves have ever written as a default
 * (Django 5.2: a million iterations, 100 MiB of Argon2; OWASP: scrypt with 128 MiB), and one to two seconds of one core.
 */
const most = { pbkdf2Iterations: 2_000_000, bcryptCost: 14, memory: 128 * mebibyte, memoryTimesPasses: 512 * mebibyte, lanes: 16 }

export const affordable = {
  pbkdf2: (iterations: number) => iterations >= 1 && iterations <= most.pbkdf2Iterations,
  bcrypt: (cost: number) => cost >= 4 && cost <= most.bcryptCost,
  /** Argon2 and scrypt: bytes of memory, and how often they are gone through. */
  memory: (bytes: number, passes: number) => bytes > 0 && bytes <= most.memory && passes >= 1 && bytes * passes <= most.memoryTimesPasses,
  lanes: (lanes: number) => lanes >= 1 && lanes <= most.lanes,
}

/** Undefined for what is no base64 as an encoder writes it: cut short, or with stray bits at its end. All of its padding is there or none. */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const padded = bytes.toString('base64')
  return text === padded || text === padded.replace(/=+$/, '') ? bytes : undefined
}
