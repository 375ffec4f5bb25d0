import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorId, FactorName } from '../factors/factor-fields.ts'
import { listFactors } from '../factors/list-factors.ts'
import { removePasskey } from '../factors/remove-factor.ts'
import { renamePasskey } from '../factors/rename-passkey.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderInput } from './form.ts'
import { renderMore } from './more-link.ts'
import { passkeyScript, renderPasskeyButton } from './passkey-button.ts'
import { whyNoPasskeys } from './passkeys-here.ts'
import { securityContent } from './security-page.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'

const strict = { additionalProperties: false }
const OnePasskey = Type.Object({ passkey: FactorId }, strict)

export const newPasskeyPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const why = await whyNoPasskeys(request)
    const { passkeys: said } = page.words.security
    page.send(why ? { title: said.add, text: [`<p>${said[why]}</p>`], after: backLink(page.words) } : creation(page.words))
    return reply
  },
})

export const renamePasskeyPage = defineFlow({
  schema: { hide: true, querystring: Type.Object({ passkey: FactorId }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { passkeys } = await listFactors(request)
    const found = passkeys.find(({ id }) => id === request.query.passkey)
    if (found) page.send(naming(page.words, { passkey: found.id, passkeyName: found.name }))
    else sendProblem(page, reply, { error: problem('FACTOR_UNKNOWN'), content: await securityContent(request, page) })
    return reply
  },
})

const RenameBody = Type.Object({ passkey: FactorId, passkeyName: FactorName }, strict)

export const submitRenamePasskey = defineFlow({
  schema: { hide: true, body: RenameBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      const { passkey, passkeyName: name }: Static<typeof RenameBody> = request.body
      await renamePasskey(request, passkey, { name })
      return reply.redirect('/account/security?done=passkeyRenamed', 303)
    } catch (error) {
      sendProblem(page, reply, { error, content: naming(page.words, typedIn(request, 'passkey', 'passkeyName')) })
    }
    return reply
  },
})

export const submitRemovePasskey = defineFlow({
  schema: { hide: true, body: OnePasskey },
  async handler(request, reply) {
    try {
      await removePasskey(request, request.body.passkey)
      return reply.redirect('/account/security?done=passkeyRemoved', 303)
    } catch (error) {
      const page = await openAccountPage(request, reply)
      sendProblem(page, reply, { error, content: await securityContent(request, page) })
    }
    return reply
  },
})

/** The script shows the codes of a first factor in place of what is marked; without codes it goes on to the list. */
function creation(words: Words): Content {
  const { passkeys: said, codes } = words.security
  const next = '/account/security?done=passkeyAdded'
  const button = renderPasskeyButton({ purpose: 'register', label: said.submit, failed: said.failed, next, name: said.defaultName })
  const field = renderInput({ name: 'passkeyName', label: words.fields.passkeyName, required: false, value: '', fault: undefined })
  return {
    title: said.add,
    text: [
      `<div data-until-codes><p>${said.intro}</p>${field}</div>${button}<p class="hint" data-until-codes>${said.needs}</p>`,
      `<div id="passkey-codes" hidden><h2 tabindex="-1">${codes.title}</h2><p>${codes.shown}</p><ul class="codes"></ul>`,
      `${renderMore(next, codes.kept)}</div>`,
    ],
    after: `<div data-until-codes>${backLink(words)}</div>`,
    script: passkeyScript,
  }
}

function naming(words: Words, { passkey = '', passkeyName = '' }: Record<string, string>): Content {
  const { passkeys: said } = words.security
  return {
    title: said.rename,
    form: { action: '/account/security/passkey/rename', hidden: { passkey }, fields: ['passkeyName'], submit: said.keep, typed: { passkeyName } },
    after: backLink(words),
  }
}

function backLink({ security }: Words): string {
  return renderMore('/account/security', security.back)
}
