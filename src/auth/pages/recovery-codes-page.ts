import { defineFlow } from '../../tenancy/define-flow.ts'
import { renewRecoveryCodes } from '../factors/make-recovery-codes.ts'
import { type AccountPage, type Content, openAccountPage } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'

export const recoveryCodesPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(confirmation(page.words))
    return reply
  },
})

export const submitRecoveryCodes = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      const { recoveryCodes } = await renewRecoveryCodes(request)
      sendRecoveryCodes(page, recoveryCodes)
    } catch (error) {
      sendProblem(page, reply, { error, content: confirmation(page.words) })
    }
    return reply
  },
})

/** Shown this once, on the answer itself: an address of their own could be opened again. */
export function sendRecoveryCodes({ words, send }: AccountPage, codes: readonly string[]): void {
  const { codes: said } = words.security
  const list = `<ul class="codes">${codes.map((code) => `<li>${code}</li>`).join('')}</ul>`
  send({ title: said.title, text: [`<p>${said.shown}</p>`, list], after: renderMore('/account/security', said.kept) })
}

function confirmation({ security: said }: Words): Content {
  return {
    title: said.codes.make,
    text: [`<p>${said.codes.confirm}</p>`],
    form: { action: '/account/security/recovery-codes', fields: [], submit: said.codes.make },
    after: renderMore('/account/security', said.back),
  }
}
