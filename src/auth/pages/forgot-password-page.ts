import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { ForgotPasswordBody, forgotPassword } from '../account/forgot-password.ts'
import { captchaBodyLimit } from '../guards/require-captcha.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { resetForm } from './reset-password-page.ts'
import type { Words } from './words.ts'

export const forgotPasswordPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(addressForm(page.words, {}))
    return reply
  },
})

export const submitForgotPassword = defineFlow({
  schema: { hide: true, body: ForgotPasswordBody },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { challenge } = await forgotPassword(request, request.body)
      page.send(lookIntoMail(page.words, request.body.email, challenge))
    } catch (error) {
      page.sendFailure(error, addressForm(page.words, typedIn(request, 'email')))
    }
    return reply
  },
})

function addressForm({ forgot }: Words, typed: Record<string, string>): Content {
  return {
    title: forgot.title,
    text: [`<p>${forgot.intro}</p>`],
    form: { action: '/account/forgot-password', fields: ['email'], submit: forgot.submit, typed, captcha: true },
    after: renderMore('/account/sign-up', forgot.signUp),
  }
}

function lookIntoMail(words: Words, email: string, challenge: string): Content {
  const { sent } = words
  return {
    title: sent.title,
    text: [`<p>${escapeHtml(sent.reset(email))} ${sent.codeLife}</p>`],
    form: resetForm(words, { challenge }),
    after: `<p class="more">${sent.late}</p>`,
  }
}
