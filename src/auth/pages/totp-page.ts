import { type Static, Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { confirmTotp } from '../factors/confirm-totp.ts'
import { FactorId, FactorName, TotpCode } from '../factors/factor-fields.ts'
import { type BegunTotp, readTotpSetup } from '../factors/read-totp-setup.ts'
import { removeTotp } from '../factors/remove-factor.ts'
import { startTotp } from '../factors/start-totp.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { sendRecoveryCodes } from './recovery-codes-page.ts'
import { securityContent } from './security-page.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'

const strict = { additionalProperties: false }
const Naming = Type.Object({ anew: Type.Optional(Type.String({ maxLength: 10 })) })
export const OneFactor = Type.Object({ factor: FactorId }, strict)

/** What is being set up, so that the page can be loaded again; else its beginning. */
export const totpPage = defineFlow({
  schema: { hide: true, querystring: Naming },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const begun = request.query.anew === undefined ? await readTotpSetup(request) : undefined
    page.send(begun ? setup(page.words, begun) : naming(page.words, {}))
    return reply
  },
})

export const submitStartTotp = defineFlow({
  schema: { hide: true, body: Type.Object({ appName: FactorName }, strict) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await startTotp(request, { name: request.body.appName })
      return reply.redirect('/account/security/totp', 303)
    } catch (error) {
      sendProblem(page, reply, { error, content: naming(page.words, typedIn(request, 'appName')) })
    }
    return reply
  },
})

const ConfirmBody = Type.Object({ factor: FactorId, code: TotpCode }, strict)

export const submitConfirmTotp = defineFlow({
  schema: { hide: true, body: ConfirmBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { factor, code }: Static<typeof ConfirmBody> = request.body
      const { recoveryCodes } = await confirmTotp(request, factor, { code })
      if (!recoveryCodes) return reply.redirect('/account/security?done=appAdded', 303)
      sendRecoveryCodes(page, recoveryCodes)
    } catch (error) {
      const begun = await readTotpSetup(request)
      sendProblem(page, reply, { error, content: begun ? setup(page.words, begun) : naming(page.words, {}), ...(begun ? { field: 'code' } : {}) })
    }
    return reply
  },
})

export const submitRemoveTotp = defineFlow({
  schema: { hide: true, body: OneFactor },
  async handler(request, reply) {
    try {
      await removeTotp(request, request.body.factor)
      return reply.redirect('/account/security?done=appRemoved', 303)
    } catch (error) {
      const page = await openAccountPage(request, reply)
      sendProblem(page, reply, { error, content: await securityContent(request, page) })
    }
    return reply
  },
})

function naming({ security: said }: Words, typed: Record<string, string>): Content {
  return {
    title: said.apps.setUp,
    text: [`<p>${said.apps.name}</p>`],
    form: { action: '/account/security/totp', fields: ['appName'], submit: said.apps.begin, typed },
    after: renderMore('/account/security', said.back),
  }
}

function setup({ security: said }: Words, { id, name, secret, uri, qr }: BegunTotp): Content {
  const grouped = secret.match(/.{1,4}/g) ?? []
  return {
    title: said.apps.setUp,
    text: [
      `<p>${escapeHtml(said.apps.scan(name))}</p>`,
      `<div class="qr" role="img" aria-label="${said.apps.qr}">${qr}</div>`,
      renderMore(uri, said.apps.open),
      `<dl><dt>${said.apps.secret}</dt><dd><code id="secret">${grouped.join(' ')}</code></dd></dl>`,
      `<p class="more">${said.apps.confirm}</p>`,
    ],
    form: { action: '/account/security/totp/confirm', hidden: { factor: id }, fields: ['code'], submit: said.apps.submit },
    after: renderMore('/account/security/totp?anew=1', said.apps.anew) + renderMore('/account/security', said.back),
  }
}
