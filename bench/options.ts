import { parseArgs } from 'node:util'
import type { Pace } from './rounds.ts'

export interface Options {
  pace: Pace
  /** Parts of the bench by name; all of them unless told. */
  only: readonly string[]
  server?: { url: URL; account?: { email: string; password: string } }
}

export const parts = ['reads', 'assets', 'list', 'sign-ins', 'tenants', 'refresh', 'members', 'mail', 'uploads', 'enumeration', 'brand', 'start']

export const help = `npm run bench -- [options]

  --quick                 a minute instead of five, with figures to match
  --only reads,list       some parts of: ${parts.join(', ')}
  --url http://host:port  a server that runs already: its public reads against a bare Fastify route.
                          The host names the site; *.localhost reaches this machine
  --email --password      an account there, to measure GET /v1/me too
  --remote                allow a --url that is not on this machine. Only with its owner's consent
`

/** Throws a message for a person. */
export function readOptions(args: string[]): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args,
    options: { quick: flag, remote: flag, help: flag, only: text, url: text, email: text, password: text },
  })
  if (values.help) return undefined
  const pace = values.quick
    ? { rounds: 1, seconds: 2, warmUp: 1, tenants: 1_000, mails: 2_000, tries: 200 }
    : { rounds: 3, seconds: 3, warmUp: 1, tenants: 10_000, mails: 10_000, tries: 1_000 }
  const only = values.only?.split(',') ?? parts
  const unknown = only.find((name) => !parts.includes(name))
  if (unknown !== undefined) throw new Error(`--only knows ${parts.join(', ')}`)
  if (values.url === undefined) return { pace, only }
  const url = URL.parse(values.url)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('--url must be like http://camara-mezochi.localhost:3000')
  if (!isLoopback(url.hostname) && !values.remote) {
    throw new Error(`${url.hostname} is not this machine. The bench sends as many requests as it can: add --remote only where the owner agrees.`)
  }
  const { email, password } = values
  return { pace, only, server: { url, ...(email && password ? { account: { email, password } } : {}) } }
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
