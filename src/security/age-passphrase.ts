import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { type Identity, type Recipient, Stanza } from 'age-encryption'

/**
 * The scrypt recipient of age (age-encryption.org/v1) by Node's own scrypt, which gives its memory back at once: that of the library keeps 64 MB for as
 * long as nothing else asks for them.
 */
const label = 'age-encryption.org/v1/scrypt'
/** 64 MB and a tenth of a second each try. The format's own default of 18 takes 256 MB, more than all else together. */
const workFactor = 16
/** As others may have written it: a gigabyte. */
const mostWork = 20
const blockSize = 8
const tagBytes = 16

export function passphraseRecipient(passphrase: string): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16)
      const cipher = createCipheriv('chacha20-poly1305', await keyOf(passphrase, salt, workFactor), Buffer.alloc(12), { authTagLength: tagBytes })
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
      return [new Stanza(['scrypt', toBase64(salt), String(workFactor)], body)]
    },
  }
}

/** What it opened once it opens again without trying. */
export function passphraseIdentity(passphrase: string): Identity {
  const opened = new Map<string, Uint8Array>()
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas
      if (!stanza || !stanzas.some(({ args }) => args[0] === 'scrypt')) return null
      // Whoever else could open it could have put its words there.
      if (stanzas.length !== 1) throw new Error('The header holds something beside a passphrase.')
      const name = `${stanza.args.join(' ')} ${toBase64(stanza.body)}`
      const fileKey = opened.get(name) ?? (await unwrap(stanza, passphrase))
      if (fileKey) opened.set(name, fileKey)
      return fileKey
    },
  }
}

async function unwrap({ args, body }: Stanza, passphrase: string): Promise<Uint8Array | null> {
  const [type, saltText = '', workText = '', ...more] = args
  const salt = Buffer.from(saltText, 'base64')
  const wellFormed = type === 'scrypt' && toBase64(salt) === saltText && salt.length === 16 && /^[1-9]\d?$/.test(workText) && more.length === 0
  if (!wellFormed || body.length !== 16 + tagBytes) throw new Error('The header holds no passphrase as age writes it.')
  if (Number(workText) > mostWork) throw new Error('The header asks for more memory than a gigabyte.')
  const key = await keyOf(passphrase, salt, Number(workText))
  const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: tagBytes })
  decipher.setAuthTag(body.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)

function keyOf(passphrase: string, salt: Buffer, work: number): Promise<Buffer> {
  const N = 2 ** work
  return derive(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, { N, r: blockSize, p: 1, maxmem: 2 * 128 * blockSize * N })
}

/** Without padding, as everywhere in a header. */
function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
