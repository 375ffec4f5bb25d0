import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { returnAddress } from '../../tenancy/return-address.ts'
import { TypedPassword } from '../account/account-fields.ts'
import { FactorId } from '../factors/factor-fields.ts'
import { readMemberFactors } from '../factors/member-factors.ts'
import { readCredentials } from '../sessions/prove-again.ts'
import { type ReauthenticateBody, readProofs, reauthenticate, renewCookies } from '../sessions/reauthenticate.ts'
import { requestMailedSignIn } from '../sign-in/request-mailed-sign-in.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderButtonForm } from './button-form.ts'
import type { FieldName, Form } from './form.ts'
import { renderMore } from './more-link.ts'
import { passkeyScript, renderPasskeyButton } from './passkey-button.ts'
import { whyNoPasskeys } from './passkeys-here.ts'
import { ReturnTo } from './return-field.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'

const strict = { additionalProperties: false }

export const reauthenticatePage = defineFlow({
  schema: { hide: true, querystring: Type.Object({ return_to: ReturnTo, challenge: Type.Optional(FactorId) }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await proofContent(request, page, request.query))
    return reply
  },
})

/** A field that is not filled in comes as an empty text. */
const ProofBody = Type.Object(
  {
    currentPassword: Type.Optional(TypedPassword),
    challenge: Type.Optional(FactorId),
    mailCode: Type.Optional(Type.String({ pattern: '^[0-9]{6}$', maxLength: 6 })),
    code: Type.Optional(Type.String({ pattern: '^([0-9]{6})?$', maxLength: 6 })),
    recoveryCode: Type.Optional(Type.String({ pattern: '^(.{10,40})?$', maxLength: 40 })),
    return_to: ReturnTo,
  },
  strict,
)

export const submitReauthenticate = defineFlow({
  schema: { hide: true, body: ProofBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await reauthenticate(request, readProofs(request, proofOf(request.body)))
      await renewCookies(request, reply)
      return reply.redirect(await ownAddress(request, request.body.return_to), 303)
    } catch (error) {
      sendProblem(page, reply, { error, content: await proofContent(request, page, typedIn(request, 'return_to', 'challenge')) })
    }
    return reply
  },
})

export const submitReauthenticateMail = defineFlow({
  schema: { hide: true, body: Type.Object({ return_to: ReturnTo }, strict) },
  async handler(request, reply) {
    const back = { return_to: await ownAddress(request, request.body.return_to) }
    try {
      const { challenge } = await requestMailedSignIn(request, { email: request.session.member.email })
      return reply.redirect(`/account/reauthenticate?${new URLSearchParams({ ...back, challenge })}`, 303)
    } catch (error) {
      const page = await openAccountPage(request, reply)
      sendProblem(page, reply, { error, content: await proofContent(request, page, back) })
    }
    return reply
  },
})

function proofOf({ currentPassword, challenge, mailCode, code, recoveryCode }: Static<typeof ProofBody>): Static<typeof ReauthenticateBody> {
  const factor = code ? { factor: { code } } : recoveryCode ? { factor: { recoveryCode } } : {}
  if (currentPassword) return { password: currentPassword, ...factor }
  if (challenge && mailCode) return { challenge, code: mailCode, ...factor }
  const missing = challenge ? 'mailCode' : 'currentPassword'
  throw problem('REQUEST_INVALID', { issues: [{ path: `/${missing}`, message: 'is required' }] })
}

/** Where the visitor is sent back to: within the account alone, for nothing else asks for a proof. */
async function ownAddress(request: FastifyRequest, wish: string | undefined): Promise<string> {
  const address = await returnAddress(request, wish)
  return address && /^\/account(?=[/?#]|$)/.test(address) ? address : '/account'
}

interface Wish {
  return_to?: string | undefined
  challenge?: string | undefined
}

/** Asks for what this member has: a password, or else a mailed code; a second factor with it; or a passkey instead of both. */
async function proofContent(request: FastifyRequest, page: AccountPage, { return_to: wish, challenge }: Wish): Promise<Content> {
  const { db, session } = request
  const { reauthenticate: said } = page.words
  const { mailedSignIn, passkeys } = page.policy
  const { hash, hasFactor } = await readCredentials(request)
  const held = await readMemberFactors(db, session.memberId)
  const next = await ownAddress(request, wish)
  const button = held.passkeys > 0 && passkeys ? await passkeyPart(request, page.words, next) : ''
  const withCode = hasFactor && held.totp > 0
  const withRecovery = hasFactor && held.recoveryCodes > 0
  const script = button ? { script: passkeyScript } : {}
  const intro = [`<p>${said.intro}</p>`]
  // With a passkey for the only factor, nothing that is typed is enough.
  if (hasFactor && !withCode && !withRecovery) return { title: said.title, text: [...intro, button], ...script }
  const codes: FieldName[] = withCode ? ['code'] : withRecovery ? ['recoveryCode'] : []
  const form = (first: FieldName, hidden: Record<string, string>): Form => ({
    action: '/account/reauthenticate',
    hidden: { return_to: next, ...hidden },
    fields: [first, ...codes],
    submit: said.submit,
    ...(withCode && withRecovery ? { aside: { summary: said.recovery, fields: ['recoveryCode'], insteadOf: 'code' } } : {}),
  })
  const above = withRecovery && !withCode && button ? [...intro, button, `<p class="more">${said.instead}</p>`] : intro
  const common = { title: said.title, text: above, after: above === intro ? button : '', ...script }
  if (hash !== null) return { ...common, form: form('currentPassword', {}) }
  return { ...common, ...byMail(page.words, { ...common, email: session.member.email, next, mailedSignIn, challenge, form }) }
}

interface ByMail {
  email: string
  next: string
  mailedSignIn: boolean
  challenge: string | undefined
  text: string[]
  after: string
  form(first: FieldName, hidden: Record<string, string>): Form
}

function byMail({ reauthenticate: said }: Words, { email, next, mailedSignIn, challenge, text, after, form }: ByMail): Partial<Content> {
  const ask = (label: string) => renderButtonForm({ action: '/account/reauthenticate/mail', label, hidden: { return_to: next } })
  if (!mailedSignIn) {
    return { text: [...text, `<p>${said.noMail}</p>${renderMore('/account/forgot-password', said.choose)}`] }
  }
  if (!challenge) return { text: [...text, `<p>${escapeHtml(said.mail(email))}</p>`, ask(said.sendMail)] }
  return {
    text: [...text, `<p>${escapeHtml(said.mailed(email))}</p>`],
    form: form('mailCode', { challenge }),
    after: `${ask(said.sendAgain)}${after}`,
  }
}

async function passkeyPart(request: FastifyRequest, { reauthenticate: said, security }: Words, next: string): Promise<string> {
  const why = await whyNoPasskeys(request)
  if (why) return `<p class="hint">${security.passkeys[why]}</p>`
  return renderPasskeyButton({ purpose: 'reauthenticate', label: said.passkey, failed: said.passkeyFailed, next })
}
