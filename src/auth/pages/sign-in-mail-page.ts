import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { proofByCode } from '../account/challenge.ts'
import { captchaBodyLimit } from '../guards/require-captcha.ts'
import { completeMailedSignIn } from '../sign-in/complete-mailed-sign-in.ts'
import { requireMailedSignIn } from '../sign-in/mailed-sign-in-policy.ts'
import { MailedSignInBody, requestMailedSignIn } from '../sign-in/request-mailed-sign-in.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { arrive } from './arrive.ts'
import { renderMore } from './more-link.ts'
import { ReturnTo, readReturnWish } from './return-field.ts'

const strict = { additionalProperties: false }

/** Scanners and mail programs add parameters of their own. */
export const signInMailPage = defineFlow({
  schema: { hide: true, querystring: Type.Object({ return_to: ReturnTo }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const form = await addressForm(request, page, request.query)
    try {
      await requireMailedSignIn(request)
      page.send(form)
    } catch (error) {
      page.sendFailure(error, form)
    }
    return reply
  },
})

export const submitSignInMail = defineFlow({
  schema: { hide: true, body: Type.Object({ ...MailedSignInBody.properties, return_to: ReturnTo }, strict) },
  bodyLimit: captchaBodyLimit,
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const typed = typedIn(request, 'email', 'return_to')
    try {
      if (request.validationError) throw request.validationError
      const { return_to, ...asked } = request.body
      const { challenge } = await requestMailedSignIn(request, asked)
      const content = await codeForm(request, page, { challenge, return_to })
      page.send({ ...content, text: [`<p>${escapeHtml(page.words.mailSignIn.sent(asked.email))} ${page.words.sent.codeLife}</p>`] })
    } catch (error) {
      page.sendFailure(error, await addressForm(request, page, typed))
    }
    return reply
  },
})

export const submitSignInCode = defineFlow({
  schema: { hide: true, body: Type.Object({ ...proofByCode, return_to: ReturnTo }, strict) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const typed = typedIn(request, 'challenge', 'code', 'return_to')
    try {
      if (request.validationError) throw request.validationError
      const { return_to: returnTo, ...proof } = request.body
      await arrive(request, reply, { page, result: await completeMailedSignIn(request, proof), returnTo })
    } catch (error) {
      page.sendFailure(error, await codeForm(request, page, typed))
    }
    return reply
  },
})

interface Typed {
  email?: string
  challenge?: string
  code?: string
  return_to?: string | undefined
}

async function addressForm(request: FastifyRequest, { words }: AccountPage, { email = '', return_to }: Typed): Promise<Content> {
  const { mailSignIn: said } = words
  const { hidden, formTargets } = await readReturnWish(request, return_to)
  return {
    title: said.title,
    text: [`<p>${said.intro}</p>`],
    form: { action: '/account/sign-in-mail', hidden, fields: ['email'], submit: said.submit, typed: { email }, captcha: true },
    after: link('/account/sign-in', hidden, said.byPassword),
    formTargets,
  }
}

async function codeForm(request: FastifyRequest, { words }: AccountPage, { challenge = '', code = '', return_to }: Typed): Promise<Content> {
  const { mailSignIn: said, sent } = words
  const { hidden, formTargets } = await readReturnWish(request, return_to)
  return {
    title: sent.title,
    form: { action: '/account/sign-in-code', hidden: { challenge, ...hidden }, fields: ['code'], submit: said.enter, typed: { code } },
    after: `<p class="more">${sent.late}</p>${link('/account/sign-in-mail', hidden, said.again)}`,
    formTargets,
  }
}

function link(address: string, hidden: Record<string, string>, text: string): string {
  const query = hidden.return_to ? `?${new URLSearchParams(hidden)}` : ''
  return renderMore(address + query, text)
}
