import { createHash } from 'node:crypto'
import { opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spellingsOf } from './password-text.ts'

/** Whether a password is known from breaches. */
export type IsBreached = (password: string) => Promise<boolean>

/**
 * The folder that the downloader of Have I Been Pwned writes: for each of the first five hexadecimal digits of a SHA-1 a file `PREFIX.txt` with lines
 * `SUFFIX:COUNT`. One file is read for a password, and nothing leaves the machine. Where there is no file there are no hits.
 */
export async function openBreachedPasswords(folder: string): Promise<IsBreached> {
  if (!folder) return async () => false
  if (!(await holdsPrefixes(folder))) {
    throw new Error('BREACHED_PASSWORDS_DIR must be a folder as the Have I Been Pwned downloader writes it, one file for each prefix (00000.txt …).')
  }
  return async (password) => {
    const found = await Promise.all(spellingsOf(password).map((spelling) => isListed(folder, spelling)))
    return found.includes(true)
  }
}

/** The whole list has a million files: the first that fits is enough. A folder of something else would find nothing, and nobody would notice. */
async function holdsPrefixes(folder: string): Promise<boolean> {
  try {
    for await (const { name } of await opendir(folder)) if (/^[0-9A-F]{5}\.txt$/.test(name)) return true
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return false
}

async function isListed(folder: string, password: string): Promise<boolean> {
  const digest = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase()
  const lines = await readFile(join(folder, `${digest.slice(0, 5)}.txt`), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
  // A count of zero is padding, as the service's own answers have it.
  return new RegExp(`^${digest.slice(5)}:0*[1-9]`, 'mi').test(lines)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
