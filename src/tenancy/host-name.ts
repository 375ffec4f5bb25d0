import { domainToASCII } from 'node:url'

/**
 * The one form of a hostname: lower case, punycode, without port and trailing dot. Undefined for what names no site: nothing, an address
 * literal, odd characters, labels or lengths beyond RFC 1035.
 */
export function normaliseHost(raw: string): string | undefined {
  if (raw.length === 0 || raw.length > 512) return undefined
  const name = raw.replace(/:\d{1,5}$/, '').replace(/\.$/, '')
  if (plainHost.test(name) && name.length <= 253) return name
  if (/[\s/\\@?#%:[\],]/.test(name)) return undefined
  const ascii = domainToASCII(name)
  return plainHost.test(ascii) && ascii.length <= 253 ? ascii : undefined
}

// A last label that is a number, also a hexadecimal one, makes an address of the whole (WHATWG URL, "ends in a number").
const plainHost = /^(?!(?:.*\.)?(?:\d+|0x[0-9a-f]*)$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
