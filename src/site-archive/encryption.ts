import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Decrypter, Encrypter } from 'age-encryption'
import { notAnArchive } from './manifest.ts'
import { damaged } from './read-archive.ts'

/** Who can open an archive: holders of a key, or of a passphrase. */
export type Lock = { recipients: readonly string[] } | { passphrase: string }
export type Key = { identities: readonly string[] } | { passphrase: string }

/** 64 MB and a third of a second each try. The format's own default of 18 takes 256 MB, more than all else together. */
const scryptWork = 16
export const leastPassphrase = 16

const firstWords = 'age-encryption.org/v1\n'

/** As an age file (age-encryption.org/v1): the `age` program opens it too. */
export async function encrypt(plain: AsyncIterable<Uint8Array>, lock: Lock): Promise<Readable> {
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    encrypter.setPassphrase(lock.passphrase)
    encrypter.setScryptWorkFactor(scryptWork)
  } else {
    for (const recipient of lock.recipients) addRecipient(encrypter, recipient)
  }
  return toNode(await encrypter.encrypt(ReadableStream.from(plain)))
}

/** Reads to the end or throws one line: each block of 64 KB is proved before it is handed on, and the last one says that it is the last. */
export async function decrypt(file: Readable, key: Key): Promise<Readable> {
  const decrypter = new Decrypter()
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
  else for (const identity of key.identities) addIdentity(decrypter, identity)
  try {
    const source = await startingWith(file, firstWords)
    return Readable.from(withFaults(toNode(await decrypter.decrypt(ReadableStream.from(source)))), { objectMode: false })
  } catch (error) {
    file.destroy()
    throw decryptionFault(error, key)
  }
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient)
  } catch (cause) {
    throw new Error('--recipient must be a public key as age-keygen writes it: age1…', { cause })
  }
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity)
  } catch (cause) {
    throw new Error('--identity must name a file with a private key as age-keygen writes it: AGE-SECRET-KEY-1…', { cause })
  }
}

async function startingWith(file: Readable, words: string): Promise<AsyncIterable<Uint8Array>> {
  const chunks: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < words.length) {
    const { value, done } = await chunks.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  if (!head.toString('latin1').startsWith(words)) throw new Error(notAnArchive)
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

async function* withFaults(plain: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* plain
  } catch (error) {
    throw decryptionFault(error)
  }
}

/** The words of age-encryption. What is no fault of the file, such as a disk that cannot be read, has a code. */
function decryptionFault(error: unknown, key?: Key): unknown {
  if (!(error instanceof Error) || 'code' in error || error.message === notAnArchive) return error
  if (/no identity matched/.test(error.message)) {
    const wrong =
      key && 'passphrase' in key
        ? 'this passphrase: give the one that it was exported with'
        : 'this key: give --identity of one that it was exported to'
    return new Error(`The archive does not open with ${wrong}.`, { cause: error })
  }
  return new Error(damaged, { cause: error })
}

/** The same streams: Node and the browsers' library declare them apart. */
function toNode(stream: ReadableStream<Uint8Array>): Readable {
  const declared: NodeReadableStream<Uint8Array> = stream
  return Readable.fromWeb(declared)
}
