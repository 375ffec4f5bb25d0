import { type MailKind, type MailKindDefinition, mailKinds, secretsOf } from '../../jobs/mail-kinds.ts'
import type { Language } from '../../tenancy/language.ts'
import type { MailSite } from '../outbox/mail-site.ts'
import { codeLife, linkLife } from './link-life.ts'
import { oneLine, severalLines } from './plain-value.ts'

export interface TemplateVariable {
  name: string
  description: string
  /** Whether a subject may have it too. */
  inSubject: boolean
}

export interface TemplateValues {
  /** For subject and body. */
  values: Record<string, string>
  /** For the body alone; in a paragraph of their own they become a block. */
  blocks: { link?: string; code?: string; message?: string }
}

export interface ValuesSource {
  kind: MailKind
  language: Language
  site: MailSite
  variables: Record<string, string>
  link?: string
  code?: string
}

const siteVariables = { site_name: 'Name of the site', site_short_name: 'Short name of the site', site_origin: "Address of the site's home page" }
const linkVariables = { link_life: 'How long the link is good, such as "24 hours"' }
const codeVariables = {
  code: 'Six digits. In a paragraph of their own they are set large',
  code_life: 'How long the code is good, such as "10 minutes"',
}

/** All that the texts of a kind of mail can name. */
export function variablesOf(kind: MailKind): TemplateVariable[] {
  const { page }: MailKindDefinition = mailKinds[kind]
  const secrets = secretsOf(kind)
  const described: Record<string, string> = {
    ...Object.fromEntries(Object.entries(propertiesOf(kind)).map(([name, { description }]) => [name, description])),
    ...siteVariables,
    ...(page ? { link: 'The address to open. In a paragraph of its own it becomes a button' } : {}),
    ...(secrets.includes('link') ? linkVariables : {}),
    ...(secrets.includes('code') ? codeVariables : {}),
  }
  return Object.entries(described).map(([name, description]) => ({ name, description, inSubject: !isBlock(name) }))
}

/** Each of the same variables has a value, if only an empty one. */
export function valuesOf({ kind, language, site, variables, link, code }: ValuesSource): TemplateValues {
  const { page }: MailKindDefinition = mailKinds[kind]
  const secrets = secretsOf(kind)
  const withCode = secrets.includes('code')
  if ((page && !link) || (withCode && !code)) throw new TypeError(`a mail of the kind ${kind} lacks its link or code`)
  const own = Object.entries(propertiesOf(kind)).map(([name, { format, maxLength }]): [string, string] => {
    const value = variables[name] ?? ''
    if (isBlock(name)) return [name, severalLines(value, maxLength)]
    return [name, format === 'date-time' ? writeMoment(value, language, site) : oneLine(value, maxLength)]
  })
  const { message, ...values } = Object.fromEntries(own)
  return {
    values: {
      ...values,
      site_name: oneLine(site.name, 200),
      site_short_name: oneLine(site.brand.shortName, 60),
      site_origin: site.origin,
      ...(secrets.includes('link') ? { link_life: writeMinutes(linkLife[kind] ?? codeLife, language) } : {}),
      ...(withCode ? { code_life: writeMinutes(codeLife, language) } : {}),
    },
    blocks: { ...(page && link ? { link } : {}), ...(withCode && code ? { code } : {}), ...(message === undefined ? {} : { message }) },
  }
}

function isBlock(name: string): boolean {
  return name === 'link' || name === 'code' || name === 'message'
}

interface Property {
  description: string
  maxLength: number
  format: string | undefined
}

function propertiesOf(kind: MailKind): Record<string, Property> {
  const { variables }: MailKindDefinition = mailKinds[kind]
  return Object.fromEntries(
    Object.entries(variables.properties).map(([name, schema]) => {
      const { description, maxLength, format }: { description?: string; maxLength?: number; format?: string } = schema
      return [name, { description: description ?? '', maxLength: maxLength ?? 200, format }]
    }),
  )
}

/** In the site's own variety of the language where there is one: `pt-ST`. */
function writeMoment(value: string, language: Language, { locale, timeZone }: MailSite): string {
  const moment = new Date(value)
  if (Number.isNaN(moment.getTime())) return oneLine(value, 40)
  const parts = { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const
  const variety = { pt: 'pt-PT', en: 'en-GB', fr: 'fr-FR' }[language]
  const write = (locales: string[], zone: string) => new Intl.DateTimeFormat(locales, { ...parts, timeZone: zone }).format(moment)
  try {
    return write([...(locale.startsWith(`${language}-`) ? [locale] : []), variety], timeZone).replace(/\+0$/, '')
  } catch {
    // A locale or time zone that this version of ICU does not know.
    return write([variety], 'UTC')
  }
}

const day = 24 * 60
const week = 7 * day

function writeMinutes(minutes: number, language: Language): string {
  const [amount, unit] = minutes >= week ? [minutes / day, 'day'] : minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute']
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)
}
