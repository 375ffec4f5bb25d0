import { lookup as resolve } from 'node:dns/promises'
import { innerName } from '../../security/dns/inner-name.ts'
import { within } from '../../within.ts'
import { MailFailure } from './provider.ts'
import { isPublicAddress } from './public-address.ts'

/** All addresses of a name, as the system's resolver has them. */
export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>

export interface VettedHost {
  /** Lower case; for TLS. */
  name: string
  /** All that the name resolved to, in the resolver's order. What is connected to has to be one of them, without asking again. */
  addresses: readonly { address: string; family: number }[]
  /** One of the operator's own. */
  private: boolean
}

export interface VetOptions {
  /** `host` or `host:port` in lower case, which the operator allows whatever they resolve to. */
  privateHosts: readonly string[]
  lookup?: Lookup | undefined
  /** Milliseconds for the look-up. */
  timeout: number
}

/** Submission (RFC 6409, RFC 8314), and the port of those whose network blocks both. Never 25: servers there take what nobody signed in for. */
const publicPorts = new Set([465, 587, 2525])
/** Names of two labels or more, the last one of letters: what else a resolver might take for an address is none. */
const plainName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/
const transient = new Set(['EAI_AGAIN', 'ETIMEOUT', 'ESERVFAIL', 'EREFUSED'])

/**
 * Asks once where a host is, and throws MailFailure unless all of it is public: one private address among several is enough to refuse. Names that do
 * not exist and names that are not allowed get the same answer, so that nobody can map a network with it.
 */
export async function vetHost(host: string, port: number, options: VetOptions): Promise<VettedHost> {
  const name = host.toLowerCase()
  const allowed = options.privateHosts.includes(name) || options.privateHosts.includes(`${name}:${port}`)
  if (!allowed && !(publicPorts.has(port) && plainName.test(name) && !innerName.test(name))) throw new MailFailure('host-refused')
  const addresses = await within(options.timeout, (options.lookup ?? lookUp)(name), () => new MailFailure('timeout')).catch(asFailure)
  const fits = allowed || addresses.every(({ address }) => isPublicAddress(address))
  if (addresses.length === 0 || !fits) throw new MailFailure('host-refused')
  return { name, addresses, private: allowed }
}

/** The system's look-up, which cannot be called off. */
function lookUp(host: string) {
  return resolve(host, { all: true })
}

function asFailure(error: unknown): never {
  if (error instanceof MailFailure) throw error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  throw new MailFailure(transient.has(code) ? 'unreachable' : 'host-refused', error)
}
