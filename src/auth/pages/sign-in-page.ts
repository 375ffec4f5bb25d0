import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { isAtRelyingParty } from '../factors/relying-party.ts'
import { credentialFields, signIn } from '../sign-in/sign-in.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { arrive } from './arrive.ts'
import { renderMore } from './more-link.ts'
import { offerPasskey } from './passkey-button.ts'
import { ReturnTo, readReturnWish } from './return-field.ts'

/** Scanners and mail programs add parameters of their own. */
const SignInQuery = Type.Object({ return_to: ReturnTo })

export const signInPage = defineFlow({
  schema: { hide: true, querystring: SignInQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await signInForm(request, page, { return_to: request.query.return_to }))
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
      page.sendFailure(error, await signInForm(request, page, typed))
    }
    return reply
  },
})

interface Typed {
  email?: string
  return_to?: string | undefined
}

async function signInForm(request: FastifyRequest, { words, policy }: AccountPage, { email = '', return_to }: Typed): Promise<Content> {
  const { signIn: said, passkey } = words
  const { hidden, formTargets } = await readReturnWish(request, return_to)
  const query = hidden.return_to ? `?${new URLSearchParams(hidden)}` : ''
  const byMail = policy.mailedSignIn ? renderMore(`/account/sign-in-mail${query}`, said.byMail) : ''
  const links = byMail + renderMore('/account/forgot-password', said.forgot) + renderMore('/account/sign-up', said.signUp)
  const offered = policy.passkeys && isAtRelyingParty(request)
  const button = offered ? offerPasskey(words, { purpose: 'sign-in', label: passkey.signIn, next: hidden.return_to ?? '/account' }) : undefined
  return {
    title: said.title,
    form: { action: '/account/sign-in', hidden, fields: ['email', 'currentPassword'], submit: said.submit, typed: { email } },
    after: links,
    formTargets,
    ...(button ? { beside: button.html, script: button.script } : {}),
  }
}
