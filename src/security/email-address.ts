import { domainToASCII } from 'node:url'

/** Controls, spaces, what does not show, and the syntax of lists, routes, groups, comments and quotes. */
const forbidden = /[\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point},;:<>()[\]\\"]/u
/** domainToASCII reads a URL's host: it stops at the first of these, and decodes the last. */
const urlSyntax = /[/?#%]/
/** Labels of letters, digits and hyphens; the last one is no number, or it would be an IPv4 address. */
const plainDomain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/
const longest = 254

/**
 * The one form an address is looked up and kept unique by: NFKC, lower case, domain in punycode (RFC 5321, RFC 6532, UTS 46).
 * Undefined for what is no plain address: quotes, comments, groups, control characters and lone surrogates are refused.
 */
export function emailKey(address: string): string | undefined {
  if (address.length > longest || !address.isWellFormed()) return undefined
  const text = address.normalize('NFKC').toLowerCase().normalize('NFKC')
  if (forbidden.test(text)) return undefined
  const cut = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, cut), text.slice(cut + 1)]
  if (cut < 1 || local.includes('@') || Buffer.byteLength(local) > 64) return undefined
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined
  if (urlSyntax.test(domain)) return undefined
  const ascii = domainToASCII(domain)
  if (!plainDomain.test(ascii)) return undefined
  const key = `${local}@${ascii}`
  return key.length > longest ? undefined : key
}

/** The form that a domain has in `emailKey`; undefined for what is no plain domain of an address. */
export function emailDomain(domain: string): string | undefined {
  return emailKey(`x@${domain}`)?.slice(2)
}
