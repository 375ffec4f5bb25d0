import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { VerifyEmailBody, verifyEmail } from '../account/verify-email.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import type { Form } from './form.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'

/** Opened by people and by mail scanners alike: it spends nothing. */
export const verifyEmailPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(nextStep(page.words, typedIn({ body: request.query }, 'token')))
    return reply
  },
})

export const submitVerifyEmail = defineFlow({
  schema: { hide: true, body: VerifyEmailBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { email } = await verifyEmail(request, request.body)
      const { verify, signIn, home } = page.words
      page.send({
        title: verify.doneTitle,
        text: [`<p>${escapeHtml(verify.done(email))}</p>`],
        after: `${renderMore('/account/sign-in', signIn.title)}${renderMore('/', home)}`,
      })
    } catch (error) {
      page.sendFailure(error, nextStep(page.words, typedIn(request, 'token', 'challenge', 'code')))
    }
    return reply
  },
})

/** Where the code of a sign-up is typed. */
export function codeForm({ verify }: Words, challenge: string, code = ''): Form {
  return { action: '/account/verify-email', hidden: { challenge }, fields: ['code'], submit: verify.submit, typed: { code } }
}

/** A password for a link, a field for a code, and for who comes with neither a word on how to go on. */
function nextStep(words: Words, { token, challenge, code }: Record<string, string>): Content {
  const { title, choose, open, submit, again } = words.verify
  const after = renderMore('/account/sign-up', again)
  if (token) {
    const form: Form = { action: '/account/verify-email', hidden: { token }, fields: ['password'], submit }
    return { title, text: [`<p>${choose}</p>`], form, after }
  }
  if (challenge) return { title, form: codeForm(words, challenge, code), after }
  return { title, text: [`<p>${open}</p>`], after }
}
