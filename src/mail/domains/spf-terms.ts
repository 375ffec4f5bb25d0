import { isIP } from 'node:net'

export type SpfFault = 'spf-invalid' | 'spf-include-broken' | 'spf-too-many-lookups' | 'spf-void-lookups'
export type Qualifier = '+' | '-' | '~' | '?'

/** A reason to treat the whole record as void. */
export class SpfError extends Error {
  override name = 'SpfError'
  readonly fault: SpfFault
  constructor(fault: SpfFault) {
    super(fault)
    this.fault = fault
  }
}

export interface Term {
  qualifier: Qualifier
  /** A mechanism, `redirect`, or `modifier` for the others, which decide nothing. */
  name: string
  value: string
  /** Lengths for IPv4 and IPv6. */
  prefixes: readonly [four: number, six: number]
}

type Target = Pick<Term, 'value' | 'prefixes'>

const mechanism = /^([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?=[:/]|$)(.*)$/i
const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i
const whole = [32, 128] as const
const mostTerms = 100

/** The terms of a record, RFC 7208, 4.6.1; throws SpfError for what is no record. */
export function readTerms(record: string): Term[] {
  const terms = record.split(' ').slice(1).filter(Boolean)
  if (terms.length > mostTerms) throw new SpfError('spf-invalid')
  return terms.map(readTerm)
}

function readTerm(term: string): Term {
  const [, sign, kind = '', rest = ''] = mechanism.exec(term) ?? []
  if (sign === undefined) return readModifier(term)
  const name = kind.toLowerCase()
  const target = name === 'ip4' || name === 'ip6' ? readNetwork(name, rest) : readTarget(name, rest)
  return { qualifier: sign === '-' || sign === '~' || sign === '?' ? sign : '+', name, ...target }
}

function readModifier(term: string): Term {
  const [, name, value = ''] = modifier.exec(term) ?? []
  if (name === undefined) throw new SpfError('spf-invalid')
  const redirect = name.toLowerCase() === 'redirect'
  return { qualifier: '?', name: redirect ? 'redirect' : 'modifier', value: redirect ? value : '', prefixes: whole }
}

function readTarget(name: string, rest: string): Target {
  const parts = /^(?::([^/]+))?(?:\/(\d{1,2}))?(?:\/\/(\d{1,3}))?$/.exec(rest)
  if (!parts) throw new SpfError('spf-invalid')
  const [, value = '', four, six] = parts
  const prefixes = [Number(four ?? whole[0]), Number(six ?? whole[1])] as const
  const lengths = four !== undefined || six !== undefined
  const missing = (name === 'include' || name === 'exists') && value === ''
  const tooMuch = (name === 'all' && value !== '') || (lengths && name !== 'a' && name !== 'mx')
  if (missing || tooMuch || prefixes[0] > whole[0] || prefixes[1] > whole[1]) throw new SpfError('spf-invalid')
  return { value, prefixes }
}

function readNetwork(name: 'ip4' | 'ip6', rest: string): Target {
  const [, value = '', length] = /^:([^/]+)(?:\/(\d{1,3}))?$/.exec(rest) ?? []
  const [version, longest] = name === 'ip4' ? [4, 32] : [6, 128]
  const bits = Number(length ?? longest)
  if (isIP(value) !== version || bits > longest) throw new SpfError('spf-invalid')
  return { value, prefixes: [bits, bits] }
}
