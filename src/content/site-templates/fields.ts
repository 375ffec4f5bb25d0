import { type TProperties, Type } from 'typebox'

/**
 * The pieces that collection schemas are made of. Titles are what an editor reads in the form.
 * Formats carry a pattern as well: a validator without formats still refuses `javascript:` links and made-up dates.
 */

export function closedObject<Properties extends TProperties>(properties: Properties, title?: string) {
  return Type.Object(properties, { additionalProperties: false, ...(title !== undefined && { title }) })
}

/** Every public entry has a title, for lists and links, and can be marked as a sample. */
export function entrySchema<Properties extends TProperties>(titleLabel: string, properties: Properties) {
  return closedObject({ title: line(titleLabel), ...properties, sample })
}

/** A single line of plain text. */
export function line(title: string, maxLength = 200) {
  return Type.String({ title, minLength: 1, maxLength, pattern: '^[^\\r\\n]*$' })
}

/** Plain text of a few sentences. */
export function paragraph(title: string, maxLength = 1_000) {
  return Type.String({ title, minLength: 1, maxLength })
}

/** Markdown. HTML inside it is text: the site that renders it escapes it. */
export function richText(title: string, maxLength = 50_000) {
  return Type.String({ title, minLength: 1, maxLength, contentMediaType: 'text/markdown', description: 'Texto em Markdown.' })
}

export function link(title: string) {
  return Type.String({ title, maxLength: 2_000, format: 'uri', pattern: '^https?://[^\\s/]+[^\\s]*$' })
}

/** With letters of any language, as accounts have it: `email` would be ASCII alone (JSON Schema 2020-12, Validation 7.3.2). */
export function emailAddress(title: string) {
  return Type.String({ title, maxLength: 254, format: 'idn-email', pattern: '^[^\\s@]+@[^\\s@]+$' })
}

/** A calendar day without a time, `2026-11-20`. */
export function date(title: string) {
  return Type.String({ title, maxLength: 10, format: 'date', pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' })
}

export function year(title: string) {
  return Type.Integer({ title, minimum: 1975, maximum: 2100 })
}

export function choice<const Values extends readonly [string, ...string[]]>(title: string, values: Values) {
  return Type.Enum([...values], { type: 'string', title, maxLength: 100 })
}

export function lines(title: string, maxItems = 30) {
  return Type.Array(line('Elemento', 300), { title, maxItems })
}

/** A picture of this site's media, by its path, or one elsewhere over https. Never `//host`, which would follow the page's scheme. */
export function imageReference(title: string) {
  return closedObject(
    {
      url: Type.String({ title: 'Endereço da imagem', maxLength: 2_000, pattern: '^(https://[^\\s/]+[^\\s]*|/[^/\\s\\\\][^\\s]*)$' }),
      alt: Type.String({
        title: 'Texto alternativo',
        maxLength: 300,
        description: 'O que a imagem mostra, para quem não a vê. Vazio se for decorativa.',
      }),
    },
    title,
  )
}

/** A file to download, from this site's media or elsewhere over https. */
export function fileReference(title: string) {
  return Type.String({ title, maxLength: 2_000, pattern: '^(https://[^\\s/]+[^\\s]*|/[^/\\s\\\\][^\\s]*)$' })
}

export const sample = Type.Optional(
  Type.Boolean({ title: 'Conteúdo de exemplo', description: 'Assinala os conteúdos de demonstração, para os encontrar e retirar.' }),
)
