import { readFile } from 'node:fs/promises'

/** As `age-keygen` writes it. */
export async function readIdentity(file: string): Promise<string> {
  const source = await readFile(file, 'utf8').catch((cause) => {
    throw new Error(`BACKUP_IDENTITY_FILE cannot be read (${cause.code}).`, { cause })
  })
  const identity = /^AGE-SECRET-KEY-[0-9A-Z-]+$/m.exec(source)?.[0]
  if (!identity) throw new Error('BACKUP_IDENTITY_FILE holds no private key of age: it begins with AGE-SECRET-KEY- (age-keygen makes one).')
  return identity
}
