import { Resolver } from 'node:dns/promises'
import { innerName } from './inner-name.ts'

/** The look-ups of one check. A name that does not exist has no records; a server that does not answer is DnsUnreachable. */
export interface DnsLookups {
  /** Each record as one text. */
  txt(name: string): Promise<string[]>
  /** IPv4 and IPv6. */
  addresses(name: string): Promise<string[]>
  /** The names that this one is another word for: one, where the zone is sound. Lower case. */
  aliases(name: string): Promise<string[]>
  /** Hosts that take mail for the name. */
  mailHosts(name: string): Promise<string[]>
  close(): void
}

export interface Dns {
  open(): DnsLookups
}

export interface DnsOptions {
  /** None: the machine's own. `address` or `address:port`. */
  servers?: readonly string[]
  timeoutMs?: number
  tries?: number
  /** For all look-ups of one check together. */
  deadlineMs?: number
}

export class DnsUnreachable extends Error {
  override name = 'DnsUnreachable'
}

/** No record of that name and kind, or no name that could have one. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])
const plainName = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+$/i
/** SPF lets a record ask for at most 10 names with 10 mail hosts each (RFC 7208, 4.6.4); nobody's record needs half of that. */
const mostQueries = 100

/** Look-ups of names that tenants choose: each is bounded in time, and so is a check as a whole. */
export function createDns({ servers = [], timeoutMs = 3_000, tries = 2, deadlineMs = 15_000 }: DnsOptions = {}): Dns {
  return {
    open() {
      const resolver = new Resolver({ timeout: timeoutMs, tries })
      if (servers.length > 0) resolver.setServers(servers)
      const known = new Map<string, Promise<string[]>>()
      let over = false
      const deadline = setTimeout(() => {
        over = true
        resolver.cancel()
      }, deadlineMs)

      const once = (kind: string, name: string, ask: () => Promise<string[]>) => {
        const key = `${kind} ${name.toLowerCase()}`
        const earlier = known.get(key)
        if (earlier) return earlier
        const answer = over || known.size >= mostQueries ? Promise.reject(new DnsUnreachable('too long, or too much')) : answerOf(ask)
        known.set(key, answer)
        // Two of them may be under way when the first fails.
        answer.catch(() => {})
        return answer
      }
      const named = (kind: string, name: string, ask: () => Promise<string[]>) =>
        plainName.test(name) && !innerName.test(name) && name.length <= 253 ? once(kind, name, ask) : Promise.resolve([])

      return {
        txt: (name) => named('txt', name, async () => (await resolver.resolveTxt(name)).map((strings) => strings.join(''))),
        mailHosts: (name) => named('mx', name, async () => (await resolver.resolveMx(name)).map(({ exchange }) => exchange).filter(Boolean)),
        aliases: (name) => named('cname', name, async () => (await resolver.resolveCname(name)).map((alias) => alias.toLowerCase())),
        async addresses(name) {
          const kinds = [named('a', name, () => resolver.resolve4(name)), named('aaaa', name, () => resolver.resolve6(name))]
          return (await Promise.all(kinds)).flat()
        },
        close: () => clearTimeout(deadline),
      }
    },
  }
}

async function answerOf(ask: () => Promise<string[]>): Promise<string[]> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(String(error.code))) return []
    throw new DnsUnreachable('no answer', { cause: error })
  }
}
