import type { FastifyRequest } from 'fastify'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { findPendingChange } from '../account/pending-email-change.ts'
import type { AccountPage } from './account-page.ts'
import { renderButtonForm } from './button-form.ts'
import { type Form, renderForm } from './form.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

type Change = NonNullable<Awaited<ReturnType<typeof findPendingChange>>>

/** What waits, what it waits for, a field for that mail's code, and the way back. Empty where nothing does. */
export async function renderPendingChange(request: FastifyRequest, { words, language }: AccountPage): Promise<string> {
  const change = await findPendingChange(request.db, request.session.memberId)
  if (!change) return ''
  const { pending: said } = words.profile
  const write = await momentWriter(request, language)
  const text = [waitsFor(words, change), said.until(write(change.expiresAt.toISOString())), change.newConfirmedAt ? said.oldCode : said.newCode]
  const notice = `<div class="notice"><p><strong>${escapeHtml(said.title(change.newEmail))}</strong></p>${text.map((line) => `<p>${line}</p>`).join('')}`
  const cancel = renderButtonForm({ action: '/account/profile/email/cancel', label: said.cancel })
  return `${notice}${renderForm(words, codeForm(words, change))}${cancel}</div>`
}

/** For the new address's code until that is confirmed, then for the other's. */
function codeForm({ profile: { pending } }: Words, { newConfirmedAt, newChallenge, oldChallenge }: Change): Form {
  const form = { fields: ['code'] as const, submit: pending.submit }
  return newConfirmedAt
    ? { ...form, action: '/account/change-email', hidden: { challenge: oldChallenge, answer: 'confirm' } }
    : { ...form, action: '/account/confirm-email', hidden: { challenge: newChallenge } }
}

function waitsFor({ profile: { pending } }: Words, { oldConfirmedAt, newConfirmedAt }: Change): string {
  if (newConfirmedAt) return pending.old
  return oldConfirmedAt ? pending.fresh : pending.both
}
