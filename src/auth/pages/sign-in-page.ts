import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { credentialFields, signIn } from '../sign-in/sign-in.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { arrive } from './arrive.ts'
import { ReturnTo, type ReturnWish, readReturnWish } from './return-field.ts'
import type { Words } from './words.ts'

/** Scanners and mail programs add parameters of their own. */
const SignInQuery = Type.Object({ return_to: ReturnTo })

export const signInPage = defineFlow({
  schema: { hide: true, querystring: SignInQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(signInForm(page.words, {}, await readReturnWish(request, request.query.return_to)))
    return reply
  },
})

export const submitSignIn = defineFlow({
  schema: {
    hide: true,
    body: Type.Object(
      { email: credentialFields.email, currentPassword: credentialFields.password, return_to: ReturnTo },
      { additionalProperties: false },
    ),
  },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const typed = typedIn(request, 'email', 'return_to')
    try {
      if (request.validationError) throw request.validationError
      const result = await signIn(request, { email: request.body.email, password: request.body.currentPassword })
      await arrive(request, reply, { page, result, returnTo: request.body.return_to })
    } catch (error) {
      page.sendFailure(error, signInForm(page.words, typed, await readReturnWish(request, typed.return_to)))
    }
    return reply
  },
})

function signInForm({ signIn: said }: Words, { email = '' }: Record<string, string>, { hidden, formTargets }: ReturnWish): Content {
  const query = hidden.return_to ? `?${new URLSearchParams(hidden)}` : ''
  const more = [
    [`/account/sign-in-mail${query}`, said.byMail],
    ['/account/forgot-password', said.forgot],
    ['/account/sign-up', said.signUp],
  ]
  return {
    title: said.title,
    form: { action: '/account/sign-in', hidden, fields: ['email', 'currentPassword'], submit: said.submit, typed: { email } },
    after: more.map(([address = '', text]) => `<p class="more"><a href="${address.replaceAll('&', '&amp;')}">${text}</a></p>`).join(''),
    formTargets,
  }
}
