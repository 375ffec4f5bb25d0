import { isProblem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { SignUpBody, signUp } from '../account/sign-up.ts'
import { isSignUpOpen } from '../account/sign-up-policy.ts'
import { captchaBodyLimit } from '../guards/require-captcha.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { codeForm } from './verify-email-page.ts'
import type { Words } from './words.ts'

export const signUpPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const isOpen = isSignUpOpen(await request.server.authPolicies.of(request.tenant, request.db))
    page.send(isOpen ? signUpForm(page.words, {}) : closed(page.words))
    return reply
  },
})

export const submitSignUp = defineFlow({
  schema: { hide: true, body: SignUpBody },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { challenge } = await signUp(request, request.body)
      page.send(lookIntoMail(page.words, request.body.email, challenge))
    } catch (error) {
      if (isProblem(error) && error.code === 'SIGN_UP_CLOSED') {
        reply.code(error.statusCode)
        page.send(closed(page.words))
      } else page.sendFailure(error, signUpForm(page.words, typedIn(request, 'email', 'name')))
    }
    return reply
  },
})

function signUpForm({ signUp: said }: Words, typed: Record<string, string>): Content {
  return {
    title: said.title,
    form: { action: '/account/sign-up', fields: ['name', 'email', 'password'], submit: said.submit, typed, captcha: true },
    after: renderMore('/account/forgot-password', said.forgot),
  }
}

/** Where there are no sign-ups: nothing to fill in, and the way in for who has an account. */
function closed({ signUp: said }: Words): Content {
  return { title: said.title, text: [`<p>${said.closed}</p>`], after: renderMore('/account/sign-in', said.signIn) }
}

function lookIntoMail(words: Words, email: string, challenge: string): Content {
  const { sent } = words
  return {
    title: sent.title,
    text: [`<p>${escapeHtml(sent.signUp(email))} ${sent.codeLife}</p>`],
    form: codeForm(words, challenge),
    after: `<p class="more">${sent.late}</p>`,
  }
}
