import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { answerOperator } from '../sessions/operator-session.ts'
import { EntryToken, enterAsOperator } from '../sign-in/enter-as-operator.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { LinkQuery } from './link-query.ts'
import type { Words } from './words.ts'

/** Where the console sends an operator who is to act here as a member. Opening it spends nothing. */
export const enterPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(nextStep(page.words, typedIn({ body: request.query }, 'token')))
    return reply
  },
})

export const submitEnter = defineFlow({
  schema: { hide: true, body: Type.Object({ token: EntryToken }, { additionalProperties: false }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await answerOperator(request, reply, await enterAsOperator(request, request.body.token), 'cookie')
      return reply.redirect('/', 303)
    } catch (error) {
      page.sendFailure(error, nextStep(page.words, typedIn(request, 'token')))
    }
    return reply
  },
})

function nextStep({ enter }: Words, { token }: Record<string, string>): Content {
  const text = [`<p>${token ? enter.intro : enter.open}</p>`]
  const form = token ? { action: '/account/enter', submit: enter.submit, fields: [], hidden: { token } } : undefined
  return { title: enter.title, text, ...(form ? { form } : {}) }
}
