import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Decrypter, Encrypter } from 'age-encryption'
import { passphraseIdentity, passphraseRecipient } from './age-passphrase.ts'

/** Who can open what is sealed: holders of the private half of a public key, or of a passphrase. */
export type Lock = { recipients: readonly string[] } | { passphrase: string }
export type Key = { identities: readonly string[] } | { passphrase: string }

/** Why something does not open: no age file at all, sealed for another key, or not the bytes that were written. */
export type AgeFault = 'foreign' | 'wrong-key' | 'damaged'

const firstWords = 'age-encryption.org/v1\n'

/** As an age file (age-encryption.org/v1): the `age` program opens it too. Throws where a recipient is none. */
export async function sealWithAge(plain: AsyncIterable<Uint8Array>, lock: Lock): Promise<Readable> {
  const encrypter = new Encrypter()
  const recipients = 'passphrase' in lock ? [passphraseRecipient(lock.passphrase)] : lock.recipients
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return toNode(await encrypter.encrypt(ReadableStream.from(plain)))
}

/** Opens age files. */
export type Opener = (sealed: Readable) => Promise<Readable>

/**
 * Each block of 64 KB is proved before it is handed on, and the last one says that it is the last. Faults come as `inWords` puts them, those of the source
 * itself as they are. Throws at once where an identity is none.
 */
export function createOpener(key: Key, inWords: (fault: AgeFault, options: ErrorOptions) => Error): Opener {
  const decrypter = new Decrypter()
  const identities = 'passphrase' in key ? [passphraseIdentity(key.passphrase)] : key.identities
  for (const identity of identities) decrypter.addIdentity(identity)
  return async (sealed) => {
    const source = watch(sealed)
    const asFault = (cause: unknown) => (cause === source.fault() ? cause : inWords(reasonOf(cause), { cause }))
    try {
      const plain = toNode(await decrypter.decrypt(ReadableStream.from(await startingWith(source.bytes, firstWords))))
      return Readable.from(withFaults(plain, asFault), { objectMode: false })
    } catch (error) {
      sealed.destroy()
      throw asFault(error)
    }
  }
}

class Foreign extends Error {}

function reasonOf(error: unknown): AgeFault {
  if (error instanceof Foreign) return 'foreign'
  return error instanceof Error && /no identity matched/.test(error.message) ? 'wrong-key' : 'damaged'
}

function watch(sealed: Readable): { bytes: AsyncIterator<Uint8Array>; fault: () => unknown } {
  let fault: unknown
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* sealed
    } catch (error) {
      fault = error
      throw error
    }
  }
  return { bytes: watched(), fault: () => fault }
}

async function startingWith(chunks: AsyncIterator<Uint8Array>, words: string): Promise<AsyncIterable<Uint8Array>> {
  let head = Buffer.alloc(0)
  while (head.length < words.length) {
    const { value, done } = await chunks.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  if (!head.toString('latin1').startsWith(words)) throw new Foreign()
  return rejoin(head, chunks)
}

async function* rejoin(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head
    for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value
  } finally {
    await rest.return?.()
  }
}

async function* withFaults(plain: Readable, asFault: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* plain
  } catch (error) {
    throw asFault(error)
  }
}

/** The same streams: Node and the browsers' library declare them apart. */
function toNode(stream: ReadableStream<Uint8Array>): Readable {
  const declared: NodeReadableStream<Uint8Array> = stream
  return Readable.fromWeb(declared)
}
