import { defineFlow } from '../../tenancy/define-flow.ts'
import { ResetPasswordBody, resetPassword } from '../account/reset-password.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import type { Form } from './form.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'

/** Opened by people and by mail scanners alike: it spends nothing. */
export const resetPasswordPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(nextStep(page.words, typedIn({ body: request.query }, 'token')))
    return reply
  },
})

export const submitResetPassword = defineFlow({
  schema: { hide: true, body: ResetPasswordBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await resetPassword(request, request.body)
      const { reset, signIn, home } = page.words
      page.send({
        title: reset.doneTitle,
        text: [`<p>${reset.done}</p>`],
        after: `${renderMore('/account/sign-in', signIn.title)}${renderMore('/', home)}`,
      })
    } catch (error) {
      page.sendFailure(error, nextStep(page.words, typedIn(request, 'token', 'challenge', 'code')))
    }
    return reply
  },
})

/** Where a new password is typed, with the link's token or together with the code. */
export function resetForm({ reset, newPassword }: Words, { token, challenge = '', code = '' }: Record<string, string>): Form {
  const form = { action: '/account/reset-password', submit: reset.submit, passwordLabel: newPassword }
  return token
    ? { ...form, hidden: { token }, fields: ['password'] }
    : { ...form, hidden: { challenge }, fields: ['code', 'password'], typed: { code } }
}

function nextStep(words: Words, typed: Record<string, string>): Content {
  const { title, open, again } = words.reset
  const after = renderMore('/account/forgot-password', again)
  return typed.token || typed.challenge ? { title, form: resetForm(words, typed), after } : { title, text: [`<p>${open}</p>`], after }
}
