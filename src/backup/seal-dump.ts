import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Decrypter, Encrypter } from 'age-encryption'

/** Bytes that wait between two steps. */
const waiting = 256 * 1024

/** For whoever has the private half of the public key, by the age format (age-encryption.org/v1). */
export async function sealDump(plain: Readable, recipient: string): Promise<Readable> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return Readable.fromWeb(await encrypter.encrypt(asWeb(plain)))
}

/** Throws where the identity is not the one it was sealed for; the stream fails where a byte was changed. */
export async function openDump(sealed: Readable, identity: string): Promise<Readable> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  try {
    return Readable.fromWeb(await decrypter.decrypt(asWeb(sealed)))
  } catch (cause) {
    sealed.destroy()
    throw new Error('The key of BACKUP_IDENTITY_FILE does not open this backup: it was encrypted for another one, or its beginning is damaged.', {
      cause,
    })
  }
}

/** As `age-keygen` writes it. */
export async function readIdentity(file: string): Promise<string> {
  const source = await readFile(file, 'utf8').catch((cause) => {
    throw new Error(`BACKUP_IDENTITY_FILE cannot be read (${cause.code}).`, { cause })
  })
  const identity = /^AGE-SECRET-KEY-[0-9A-Z-]+$/m.exec(source)?.[0]
  if (!identity) throw new Error('BACKUP_IDENTITY_FILE holds no private key of age: it begins with AGE-SECRET-KEY- (age-keygen makes one).')
  return identity
}

function asWeb(stream: Readable) {
  return Readable.toWeb(stream, { strategy: { highWaterMark: waiting, size: (chunk) => chunk?.length ?? 0 } })
}
