import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** As the downloader writes them: sorted suffixes, CRLF. */
export async function writeBreached(folder: string, passwords: readonly string[], count = 3): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const password of passwords) {
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase()
    const lines = [`${'0'.repeat(35)}:9`, `${digest.slice(5)}:${count}`, `${'F'.repeat(35)}:1`]
    await writeFile(join(folder, `${digest.slice(0, 5)}.txt`), lines.join('\r\n'))
  }
}
