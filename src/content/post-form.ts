import { Type } from 'typebox'
import { problem } from '../errors.ts'
import { problems } from '../problem-schema.ts'
import { newId } from '../security/random-token.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { type Answers, findForm } from './form-schema.ts'
import { findAnswersFault, receiveAnswers, takeFormPost } from './receive-answers.ts'
import type { Fault } from './validate-entry.ts'

export const postForm = defineFlow({
  schema: {
    operationId: 'postForm',
    summary: 'Send a form in, such as a contact message',
    tags: ['content'],
    params: Type.Object({ form: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 63, description: 'Slug of its collection' }) }),
    body: Type.Object(
      {
        data: Type.Unsafe<Answers>({ type: 'object', additionalProperties: true, description: "After the collection's schema" }),
        website: Type.Optional(
          Type.String({ maxLength: 2_000, description: 'Leave it empty, and hide it from people: what fills it is a program, and is not stored' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: {
      202: Type.Object({ received: Type.Literal(true), id: Type.String({ maxLength: 36 }) }, { additionalProperties: false }),
      ...problems(400, 403, 404, 413, 415, 429, 503),
    },
  },
  bodyLimit: 64 * 1024,
  async handler(request, reply) {
    await takeFormPost(request)
    const form = await findForm(request.db, request.params.form)
    const { data, website = '' } = request.body
    reply.code(202)
    if (website !== '') return { received: true as const, id: newId() }
    const fault = await findAnswersFault(form, data)
    if (fault) throw problem('REQUEST_INVALID', { issues: [{ path: `/data${fault.pointer}`, message: inWords(fault) }] })
    return { received: true as const, id: await receiveAnswers(request, form, data) }
  },
})

function inWords({ rule, limit }: Fault): string {
  return rule === 'long' ? `must have at most ${limit} characters` : words[rule]
}

const words = {
  missing: 'is required',
  unknown: 'is no field of this form',
  empty: 'must not be empty',
  choice: 'must be one of the choices',
  email: 'must be an e-mail address',
  link: 'must be an address that begins with http:// or https://',
  date: 'must be a date, such as 2026-11-24',
  type: 'is of the wrong kind',
  deep: 'nests too deep',
  other: 'does not have the form that is expected here',
} as const
