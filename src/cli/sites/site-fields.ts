import { InvalidArgumentError } from 'commander'
import { emailKey } from '../../security/email-address.ts'
import { normaliseHost } from '../../tenancy/host-name.ts'

/** What a command takes of a site, each refused as not understood where it can be none. */
export function slugField(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new InvalidArgumentError('A slug has 1 to 63 letters a-z, digits and hyphens, and neither begins nor ends with a hyphen.')
}

export function hostField(text: string): string {
  const host = text.includes(':') ? undefined : normaliseHost(text)
  if (host) return host
  throw new InvalidArgumentError('A host is a name such as www.cecab.example, without a scheme, a port or a path.')
}

export function nameField(text: string): string {
  const name = text.trim()
  if (name.length >= 1 && name.length <= 200 && !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)) return name
  throw new InvalidArgumentError('A name is one line of 1 to 200 characters.')
}

export function localeField(text: string): string {
  const [locale] = isLocale(text) ? Intl.getCanonicalLocales(text) : []
  if (locale && locale.length <= 35) return locale
  throw new InvalidArgumentError('A locale is a BCP 47 tag such as pt-ST, en or fr.')
}

export function timeZoneField(text: string): string {
  if (/^[A-Za-z]/.test(text) && isTimeZone(text)) return text
  throw new InvalidArgumentError('A time zone is an IANA name such as Africa/Sao_Tome.')
}

export function emailField(text: string): string {
  if (emailKey(text)) return text
  throw new InvalidArgumentError('That is no plain e-mail address.')
}

function isLocale(text: string): boolean {
  try {
    // As the database checks it: a plain language, and subtags after it.
    return /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text) && Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }))
  } catch {
    return false
  }
}
