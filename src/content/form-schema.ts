import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'

/** What was filled in, as JSON has it. */
export type Answer = string | number | boolean | null | Answer[] | { [name: string]: Answer }
export type Answers = Record<string, Answer>

/** A collection that anybody may send an entry into. */
export interface Form {
  collectionId: string
  name: string
  /** JSON Schema (2020-12) of what is sent in. */
  schema: object
  /** In the order in which a person is asked. */
  fields: FormField[]
}

export interface FormField {
  name: string
  title: string
  required: boolean
  /** `other`: a list or an object, which only a program can send. */
  kind: 'line' | 'paragraph' | 'email' | 'link' | 'date' | 'choice' | 'number' | 'tick' | 'other'
  maxLength: number | undefined
  choices: string[]
}

/** Marks demonstration content; a visitor's message is none. */
export const staffField = 'sample'

/** The collection behind a site's contact page, where it has one. */
export const contactForm = 'messages'

/** Up to this length a text is asked for on one line. */
const longestLine = 300

/** A collection that is no form, whoever may read it, is answered like one that does not exist. */
export async function findForm(db: TenantDb, slug: string): Promise<Form> {
  const found = await db.collection.findFirst({ where: { slug, form: true }, select: { id: true, name: true, schema: true } })
  if (!found) throw problem('FORM_UNKNOWN')
  const schema = asObject(found.schema)
  return { collectionId: found.id, name: found.name, schema, fields: fieldsOf(schema) }
}

export async function hasForm(db: TenantDb, slug: string): Promise<boolean> {
  return (await db.collection.count({ where: { slug, form: true } })) > 0
}

/** jsonb forgets the order of keys; the list of required ones keeps its own, so they come first. */
function fieldsOf(schema: object): FormField[] {
  const properties = new Map(Object.entries(asObject(read(schema, 'properties'))))
  const required = new Set(textsOf(read(schema, 'required')))
  const names = [...new Set([...required, ...properties.keys()])].filter((name) => properties.has(name) && name !== staffField)
  return names.map((name) => {
    const property = asObject(properties.get(name))
    const title = read(property, 'title')
    const maxLength = read(property, 'maxLength')
    const field = {
      name,
      title: typeof title === 'string' && title !== '' ? title : name,
      required: required.has(name),
      maxLength: typeof maxLength === 'number' ? maxLength : undefined,
      choices: textsOf(read(property, 'enum')),
    }
    return { ...field, kind: kindOf(property, field) }
  })
}

function kindOf(property: object, { choices, maxLength = Number.POSITIVE_INFINITY }: Pick<FormField, 'choices' | 'maxLength'>): FormField['kind'] {
  const [type, format] = [read(property, 'type'), read(property, 'format')]
  if (type === 'boolean') return 'tick'
  if (type === 'number' || type === 'integer') return 'number'
  if (choices.length > 0) return 'choice'
  if (type !== 'string') return 'other'
  if (format === 'date') return format
  if (format === 'email' || format === 'idn-email') return 'email'
  if (format === 'uri') return 'link'
  return read(property, 'pattern') === undefined && maxLength > longestLine ? 'paragraph' : 'line'
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string') : []
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

/** Own properties only: a schema without `title` has none of its prototype's either. */
function read(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined
}
