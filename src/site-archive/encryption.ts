import type { Readable } from 'node:stream'
import { createOpener, type Key, type Lock, type Opener, sealWithAge } from '../security/age.ts'
import { notAnArchive } from './manifest.ts'
import { damaged } from './read-archive.ts'

export const leastPassphrase = 16

export async function encrypt(plain: AsyncIterable<Uint8Array>, lock: Lock): Promise<Readable> {
  try {
    return await sealWithAge(plain, lock)
  } catch (cause) {
    throw new Error('--recipient must be a public key as age-keygen writes it: age1…', { cause })
  }
}

/** Reads an archive to its end, any number of times, or throws one line. */
export function createDecrypter(key: Key): Opener {
  const wrong =
    'passphrase' in key ? 'this passphrase: give the one that it was exported with' : 'this key: give --identity of one that it was exported to'
  const words = { foreign: notAnArchive, 'wrong-key': `The archive does not open with ${wrong}.`, damaged }
  try {
    return createOpener(key, (fault, options) => new Error(words[fault], options))
  } catch (cause) {
    throw new Error('--identity must name a file with a private key as age-keygen writes it: AGE-SECRET-KEY-1…', { cause })
  }
}
