import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isProblem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Email } from '../account/account-fields.ts'
import { dropPendingChange, findPendingChange } from '../account/pending-email-change.ts'
import { requestEmailChange } from '../account/request-email-change.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { sendProblem } from './send-problem.ts'

export const ownEmailPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await addressForm(request, page, {}))
    return reply
  },
})

/** What comes next is on the profile: both mailboxes, and a field for the code. */
export const submitOwnEmail = defineFlow({
  schema: { hide: true, body: Type.Object({ email: Email }, { additionalProperties: false }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const typed = typedIn(request, 'email')
    try {
      if (request.validationError) throw request.validationError
      await requestEmailChange(request, { email: request.body.email, language: page.language })
      return reply.redirect('/account/profile', 303)
    } catch (error) {
      const content = await addressForm(request, page, typed)
      if (isProblem(error) && error.code === 'REQUEST_INVALID' && (await isOwn(request, typed.email))) {
        reply.code(error.statusCode)
        page.send({ ...content, faults: [{ field: 'email', text: page.words.profile.email.same }] })
      } else sendProblem(page, reply, { error, content })
    }
    return reply
  },
})

/** Asks for no fresh proof: it leaves things as they are. */
export const submitCancelEmailChange = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    await dropPendingChange(request)
    return reply.redirect('/account/profile?done=cancelled', 303)
  },
})

async function addressForm({ db, session }: FastifyRequest, { words }: AccountPage, typed: Record<string, string>): Promise<Content> {
  const { email: said, back } = words.profile
  const waits = await findPendingChange(db, session.memberId)
  return {
    title: said.title,
    text: [said.intro, ...(waits ? [said.replaces] : [])].map((text) => `<p>${text}</p>`),
    form: { action: '/account/profile/email', fields: ['email'], submit: said.submit, typed },
    after: renderMore('/account/profile', back),
  }
}

async function isOwn({ db, session }: FastifyRequest, typed = ''): Promise<boolean> {
  const member = await db.member.findFirst({ where: { id: session.memberId }, select: { emailKey: true } })
  return member !== null && member.emailKey === emailKey(typed)
}
