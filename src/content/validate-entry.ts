import { createHash } from 'node:crypto'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { LRUCache } from 'lru-cache'
import { emailKey } from '../security/email-address.ts'

/** What is wrong with one field, without its value. */
export interface Fault {
  /** JSON pointer into the data (RFC 6901); empty for the whole. */
  pointer: string
  rule: FaultRule
  /** Characters at most, for `long`. */
  limit?: number
}

export type FaultRule = 'missing' | 'unknown' | 'empty' | 'long' | 'choice' | 'email' | 'link' | 'date' | 'type' | 'deep' | 'other'

const keptValidators = 500
/** Nothing that a person fills in nests deeper; validators, and the database's own reader, are recursive. */
const deepest = 8
const shownName = 100

const validators = new LRUCache<string, ValidateFunction>({ max: keptValidators })

/**
 * The first fault of an entry's data after its collection's JSON Schema (2020-12); undefined where there is none. The first only: collecting them
 * all would let a list of thousands cost thousands, and would try patterns on texts that are too long already.
 */
export function findFault(schema: object, data: unknown): Fault | undefined {
  if (isDeeper(data, deepest)) return { pointer: '', rule: 'deep' }
  const validate = validatorOf(schema)
  if (validate(data)) return undefined
  const [error] = validate.errors ?? []
  // They hold what was written, and would until the next call.
  validate.errors = null
  return error ? asFault(error) : { pointer: '', rule: 'other' }
}

/**
 * Kept by the schema's own text: a validator is a function of that and nothing else, so sites made from one template share it. The tenant's
 * version would not do: every entry that comes in raises it.
 */
function validatorOf(schema: object): ValidateFunction {
  const text = JSON.stringify(schema)
  const key = createHash('sha256').update(text).digest('base64url')
  const known = validators.get(key)
  if (known) return known
  // An Ajv for each schema: a shared one would let a site's $id or $ref meet another site's, and keep every schema for ever. Without its own
  // meta-schemas it is made in 0.8 ms, not 10.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: false, verbose: true, validateSchema: false, meta: false, logger: false })
  addFormats.default(ajv)
  // One rule for addresses in the whole service: what can be written to. Ajv's own is ASCII alone, and knows no other.
  for (const format of ['email', 'idn-email']) ajv.addFormat(format, { type: 'string', validate: (text: string) => emailKey(text) !== undefined })
  // An asynchronous schema would answer with a promise, which is truthy.
  const validate = ajv.compile({ ...schema, $async: false })
  validators.set(key, validate)
  return validate
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}

const formatRules: Record<string, FaultRule> = { email: 'email', 'idn-email': 'email', uri: 'link', date: 'date' }
const keywordRules: Record<string, FaultRule> = { minLength: 'empty', maxLength: 'long', enum: 'choice', const: 'choice', type: 'type' }

function asFault({ keyword, instancePath, params, parentSchema }: ErrorObject): Fault {
  if (keyword === 'required') return { pointer: below(instancePath, params.missingProperty), rule: 'missing' }
  if (keyword === 'additionalProperties') return { pointer: below(instancePath, params.additionalProperty), rule: 'unknown' }
  if (keyword === 'format' || keyword === 'pattern') {
    const format = keyword === 'format' ? params.format : parentSchema?.format
    return { pointer: instancePath, rule: formatRules[String(format)] ?? 'other' }
  }
  return { pointer: instancePath, rule: keywordRules[keyword] ?? 'other', ...(keyword === 'maxLength' && { limit: Number(params.limit) }) }
}

function below(pointer: string, name: unknown): string {
  return `${pointer}/${String(name).slice(0, shownName).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
