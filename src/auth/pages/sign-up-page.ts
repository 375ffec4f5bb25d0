import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { SignUpBody, signUp } from '../account/sign-up.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { codeForm } from './verify-email-page.ts'
import type { Words } from './words.ts'

export const signUpPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(signUpForm(page.words, {}))
    return reply
  },
})

export const submitSignUp = defineFlow({
  schema: { hide: true, body: SignUpBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { challenge } = await signUp(request, request.body)
      page.send(lookIntoMail(page.words, request.body.email, challenge))
    } catch (error) {
      page.sendFailure(error, signUpForm(page.words, typedIn(request, 'email', 'name')))
    }
    return reply
  },
})

function signUpForm({ signUp: said }: Words, typed: Record<string, string>): Content {
  return {
    title: said.title,
    form: { action: '/account/sign-up', fields: ['name', 'email', 'password'], submit: said.submit, typed },
    after: `<p class="more"><a href="/account/forgot-password">${said.forgot}</a></p>`,
  }
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
