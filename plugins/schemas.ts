import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { problem } from '../src/errors.ts'

/**
 * What routes take and answer, by their schemas. Each is compiled when it is first used: all of them together are half a second of a start and 50 MB,
 * and most are not asked for in the life of a copy.
 */
async function schemasPlugin(app: FastifyInstance): Promise<void> {
  const serializerFor = SerializerSelector()()
  app.setValidatorCompiler(({ schema, httpPart }) => onFirstUse(() => validatorFor(schema, httpPart === 'body')))
  app.setSerializerCompiler(({ httpStatus = '', ...part }) => onFirstUse(() => serializerFor({ ...part, httpStatus })))
}

/** The function that `make` answers, made at the first call. */
function onFirstUse<Given, Answered>(make: () => (given: Given) => Answered): (given: Given) => Answered {
  let made: ((given: Given) => Answered) | undefined
  return (given) => {
    made ??= make()
    return made(given)
  }
}

const shownIssues = 10

/** Bodies as they are; query strings and path parameters, which are always text, converted. Nothing unknown is dropped in silence. */
function validatorFor(schema: unknown, strict: boolean) {
  const type = Object(schema)
  const validator = Compile(type)
  const preset: object = strict ? {} : Object(Value.Default(type, {}))
  const integers = integersOf(type)
  return (data: unknown) => {
    // Fastify says null where no body was sent.
    if (strict && data === null && Type.IsOptional(schema)) return { value: undefined }
    const value = strict ? data : readText({ ...preset, ...Object(data) }, integers)
    if (validator.Check(value)) {
      return isStorableText(value)
        ? { value }
        : { error: problem('REQUEST_INVALID', { issues: [{ path: '', message: 'must not hold NUL or broken Unicode' }] }) }
    }
    const issues = validator
      .Errors(value)
      .slice(0, shownIssues)
      .map(({ instancePath, message }) => ({ path: instancePath, message }))
    return { error: problem('REQUEST_INVALID', { issues }) }
  }
}

const integer = /^-?(0|[1-9]\d{0,14})$/

function integersOf({ properties = {} }: { properties?: Record<string, { type?: string }> }): string[] {
  return Object.keys(properties).filter((name) => properties[name]?.type === 'integer')
}

/** Query strings and path parameters are text. Only what reads back as it was written is a number: "1.5", "0x1" and "01" are none. */
function readText(data: Record<string, unknown>, integers: readonly string[]): object {
  for (const name of integers) {
    const text = data[name]
    if (typeof text === 'string' && integer.test(text)) data[name] = Number(text)
  }
  return data
}

/** PostgreSQL stores neither NUL nor half a surrogate pair. A loop: where a body may hold any JSON, that is as deep as it likes. */
function isStorableText(body: unknown): boolean {
  const parts: unknown[] = [body]
  while (parts.length > 0) {
    const part = parts.pop()
    if (typeof part === 'string' && (!part.isWellFormed() || part.includes('\u0000'))) return false
    if (typeof part !== 'object' || part === null) continue
    for (const [key, value] of Object.entries(part)) parts.push(key, value)
  }
  return true
}

export const schemas = fp(schemasPlugin, { name: 'schemas', fastify: '5.x', dependencies: ['problem'] })
