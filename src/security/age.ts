import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Decrypter, Encrypter } from 'age-encryption'

/** Who can open what is sealed: holders of the private half of a public key, or of a passphrase. */
export type Lock = { recipients: readonly string[] } | { passphrase: string }
export type Key = { identities: readonly string[] } | { passphrase: string }

/** Why something does not open: no age file at all, sealed for another key, or not the bytes that were written. */
export type AgeFault = 'foreign' | 'wrong-key' | 'damaged'

/** 64 MB and a third of a second each try. The format's own default of 18 takes 256 MB, more than all else together. */
const scryptWork = 16
const firstWords = 'age-encryption.org/v1\n'
const endOfHeader = /\n--- \S+\n/
/** A header of ten recipients has one kilobyte. */
const mostHeader = 64 * 1024

/** As an age file (age-encryption.org/v1): the `age` program opens it too. Throws where a recipient is none. */
export async function sealWithAge(plain: AsyncIterable<Uint8Array>, lock: Lock): Promise<Readable> {
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    encrypter.setPassphrase(lock.passphrase)
    encrypter.setScryptWorkFactor(scryptWork)
  } else {
    for (const recipient of lock.recipients) encrypter.addRecipient(recipient)
  }
  return toNode(await encrypter.encrypt(ReadableStream.from(plain)))
}

/** Opens one age file, as often as it is read. */
export type Opener = (sealed: Readable) => Promise<Readable>

/**
 * Each block of 64 KB is proved before it is handed on, and the last one says that it is the last. Faults come as `inWords` puts them, those of the source
 * itself as they are. Throws at once where an identity is none.
 */
export function createOpener(key: Key, inWords: (fault: AgeFault, options: ErrorOptions) => Error): Opener {
  const decrypter = new Decrypter()
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
  else for (const identity of key.identities) decrypter.addIdentity(identity)
  // A passphrase is slow to try, on purpose: once is enough, and the header proves each time that it is the one it opened.
  let fileKey: Uint8Array | undefined
  return async (sealed) => {
    const source = watch(sealed)
    const asFault = (cause: unknown) => (cause === source.fault() ? cause : inWords(reasonOf(cause), { cause }))
    try {
      const { header, bytes } = await readHeader(source.bytes)
      const known = fileKey ?? (await decrypter.decryptHeader(header))
      fileKey = known
      const opened = new Decrypter()
      opened.addIdentity({ unwrapFileKey: () => known })
      const plain = toNode(await opened.decrypt(ReadableStream.from(bytes)))
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

async function readHeader(chunks: AsyncIterator<Uint8Array>): Promise<{ header: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  let head = Buffer.alloc(0)
  for (;;) {
    const text = head.toString('latin1')
    if (!text.startsWith(firstWords.slice(0, text.length))) throw new Foreign()
    const end = endOfHeader.exec(text)
    if (end) return { header: head.subarray(0, end.index + end[0].length), bytes: rejoin(head, chunks) }
    const { value, done } = await chunks.next()
    if (done || head.length > mostHeader) throw head.length < firstWords.length ? new Foreign() : new Error('The header has no end.')
    head = Buffer.concat([head, value])
  }
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
