import { readFile } from 'node:fs/promises'
import type { Key, Lock } from '../../security/age.ts'
import { leastPassphrase } from '../../site-archive/encryption.ts'

export interface PassphraseFlags {
  passphraseFile?: string
}

/** Who may open what is exported now. */
export async function lockOf({ recipient = [], ...flags }: PassphraseFlags & { recipient?: string[] }, passphrase: string): Promise<Lock> {
  if (recipient.length > 0) {
    if (flags.passphraseFile) throw new Error('Give --recipient or --passphrase-file: an archive opens by one or the other.')
    return { recipients: recipient }
  }
  const given = await passphraseOf(flags, passphrase)
  if (!given)
    throw new Error('An archive holds secrets, so it is always encrypted: give --recipient or --passphrase-file, or set TENANTRY_PASSPHRASE.')
  if (given.length < leastPassphrase)
    throw new Error(`The passphrase must have ${leastPassphrase} characters at least: whoever gets the file may try as often as they like.`)
  return { passphrase: given }
}

/** What opens an archive. */
export async function keyOf({ identity, ...flags }: PassphraseFlags & { identity?: string }, passphrase: string): Promise<Key> {
  if (identity !== undefined) {
    const lines = (await readText('--identity', identity)).split('\n').map((line) => line.trim())
    const identities = lines.filter((line) => line && !line.startsWith('#'))
    if (identities.length === 0) throw new Error(`--identity ${identity} holds no key.`)
    return { identities }
  }
  const given = await passphraseOf(flags, passphrase)
  if (!given) throw new Error('Give --identity or --passphrase-file to open the archive, or set TENANTRY_PASSPHRASE.')
  return { passphrase: given }
}

async function passphraseOf({ passphraseFile }: PassphraseFlags, passphrase: string): Promise<string> {
  if (passphraseFile === undefined) return passphrase
  const [line = ''] = (await readText('--passphrase-file', passphraseFile)).split(/\r?\n/)
  if (!line) throw new Error(`--passphrase-file ${passphraseFile} has no first line.`)
  return line
}

async function readText(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Error(`${flag} ${path} cannot be read.`, { cause })
  }
}
