import { EventEmitter } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isId, newId } from '../../security/random-token.ts'
import { type MailSummary, summarise } from './read-mail.ts'

export interface Arrival {
  /** Slug of the site that signed in to send it. */
  site: string
  /** As the envelope has them, which need not be what the mail says of itself. */
  from: string
  to: readonly string[]
  content: Uint8Array
}

export interface MailStore {
  /** Kept when it settles; answers the mail's id. */
  add(arrival: Arrival): Promise<string>
  /** Newest first. */
  list(): Promise<MailSummary[]>
  /** The mail as it came, below the lines that say how. */
  read(id: string): Promise<Uint8Array | undefined>
  /** Tells of each new mail, until the answered function is called. */
  onMail(listener: (id: string) => void): () => void
}

const suffix = '.eml'

/** Mails as files of one folder, each named by an id that starts with the time. They hold reset links, so their owner alone may read them. */
export async function openStore(folder: string, keep = 500): Promise<MailStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const summaries = new Map<string, MailSummary>()
  const news = new EventEmitter().setMaxListeners(0)
  const fileOf = (id: string) => join(folder, `${id}${suffix}`)
  let latest = 0

  const ids = async () => (await readdir(folder)).filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
  const oldestFirst = async () => (await ids()).filter(isId).sort()
  const read = async (id: string) => (isId(id) ? readFile(fileOf(id)).catch(ignoreMissing) : undefined)
  const summary = async (id: string) => {
    const known = summaries.get(id)
    if (known) return known
    const content = await read(id)
    if (!content) return undefined
    const made = await summarise(id, content)
    summaries.set(id, made)
    return made
  }

  return {
    read,
    async add(arrival) {
      // Two mails of one millisecond keep their order.
      latest = Math.max(latest + 1, Date.now())
      const id = newId(latest)
      const unfinished = join(folder, `${id}.new`)
      await writeFile(unfinished, Buffer.concat([trace(id, new Date(latest), arrival), arrival.content]), { mode: 0o600 })
      await rename(unfinished, fileOf(id))
      for (const old of (await oldestFirst()).slice(0, -keep)) {
        summaries.delete(old)
        await rm(fileOf(old), { force: true })
      }
      news.emit('mail', id)
      return id
    },
    async list() {
      const all = await Promise.all((await oldestFirst()).reverse().map(summary))
      return all.filter((one) => one !== undefined)
    },
    onMail(listener) {
      news.on('mail', listener)
      return () => news.off('mail', listener)
    },
  }
}

/** Trace information on top (RFC 5321, 4.4). Readers take the first of a name, so that a mail cannot say that another site sent it. */
function trace(id: string, at: Date, { site, from, to }: Arrival): Buffer {
  const lines = [
    `Return-Path: <${oneLine(from)}>`,
    `X-Tenantry-Site: ${oneLine(site)}`,
    `X-Tenantry-To: ${oneLine(to.join(', '))}`,
    `Received: by inbox.localhost with ESMTPA id ${id}; ${at.toUTCString().replace('GMT', '+0000')}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n`)
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ')
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
