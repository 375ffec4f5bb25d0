import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { proofByCode, proofByToken } from '../account/challenge.ts'
import { confirmEmailChange, type EmailChangeStep, ProofBody } from '../account/confirm-email-change.ts'
import { type EmailChangeView, readEmailChange } from '../account/read-email-change.ts'
import { undoEmailChange } from '../account/undo-email-change.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { renderButtonForm } from './button-form.ts'
import type { Form } from './form.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'

const strict = { additionalProperties: false }

/** Of either address's mail, as the link says which it is. Opened by people and by mail scanners alike: it spends nothing. */
export const emailChangePage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { token } = request.query
    const { emailChange: said } = page.words
    if (!token) page.send({ title: said.title, text: [`<p>${said.open}</p>`], after: again(page.words) })
    else page.send(step(page.words, token, await readEmailChange(request, token)))
    return reply
  },
})

export const submitConfirmEmail = defineFlow({
  schema: { hide: true, body: ProofBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      page.send(confirmed(page.words, await confirmEmailChange(request, request.body)))
    } catch (error) {
      page.sendFailure(error, await asBefore(request, page.words, '/account/confirm-email'))
    }
    return reply
  },
})

const answer = { answer: Type.Enum(['confirm', 'keep'], { type: 'string' }) }
const OldSideBody = Type.Union([Type.Object({ ...proofByToken, ...answer }, strict), Type.Object({ ...proofByCode, ...answer }, strict)])

export const submitChangeEmail = defineFlow({
  schema: { hide: true, body: OldSideBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      page.send(await oldSide(request, page.words, request.body))
    } catch (error) {
      page.sendFailure(error, await asBefore(request, page.words, '/account/change-email'))
    }
    return reply
  },
})

async function oldSide(request: FastifyRequest, words: Words, { answer, ...proof }: Static<typeof OldSideBody>): Promise<Content> {
  if (answer === 'confirm') return confirmed(words, await confirmEmailChange(request, proof))
  const { restored } = await undoEmailChange(request, proof)
  const { emailChange: said } = words
  return {
    title: said.keptTitle,
    text: [`<p>${restored ? said.restored : said.kept}</p>`],
    after: restored ? renderMore('/account/forgot-password', said.resetPassword) : renderMore('/account', said.account),
  }
}

function confirmed({ emailChange: said }: Words, { confirmed, changed }: EmailChangeStep): Content {
  const waits = confirmed === 'new' ? said.waitsForOld : said.waitsForNew
  return {
    title: changed ? said.changedTitle : said.confirmedTitle,
    text: [`<p>${changed ? said.changed : waits}</p>`],
    after: renderMore('/account', said.account),
  }
}

function step(words: Words, token: string, view: EmailChangeView | undefined): Content {
  const { emailChange: said, voidLink } = words
  if (!view) return { title: said.title, text: [`<p>${voidLink}</p>`], after: again(words) }
  const { side, newEmail, confirmed, applied } = view
  const form: Form = { action: '/account/confirm-email', hidden: { token }, fields: [], submit: said.confirm }
  if (side === 'new') return { title: said.title, text: [`<p>${escapeHtml(said.newIntro(newEmail))}</p>`], form }
  const keep = { action: '/account/change-email', hidden: { token, answer: 'keep' }, label: applied ? said.restore : said.keep }
  const title = said.title
  if (applied) return { title, text: [`<p>${escapeHtml(said.applied(newEmail))}</p>`], after: renderButtonForm(keep) }
  if (confirmed) return { title, text: [`<p>${escapeHtml(said.oldConfirmed(newEmail))}</p>`], after: renderButtonForm(keep) }
  const confirm = { ...form, action: '/account/change-email', hidden: { token, answer: 'confirm' } }
  return { title, text: [`<p>${escapeHtml(said.oldIntro(newEmail))}</p>`], form: confirm, after: renderButtonForm(keep) }
}

/** The page that the form was on: the link's, or a field for the code. */
async function asBefore(request: FastifyRequest, words: Words, action: string): Promise<Content> {
  const { token = '', challenge = '', code = '' } = typedIn(request, 'token', 'challenge', 'code')
  const { emailChange: said, profile } = words
  if (token) return { title: said.title, form: { action, hidden: { token }, fields: [], submit: said.confirm }, after: again(words) }
  const hidden = { challenge, ...(action === '/account/change-email' ? { answer: 'confirm' } : {}) }
  return { title: said.title, form: { action, hidden, fields: ['code'], submit: profile.pending.submit, typed: { code } }, after: again(words) }
}

function again({ emailChange: said }: Words): string {
  return renderMore('/account/profile', said.again)
}
