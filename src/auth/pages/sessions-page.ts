import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { FactorId } from '../factors/factor-fields.ts'
import { endOwnSession } from '../sessions/end-one-session.ts'
import { keepOnlyThisSession } from '../sessions/end-others.ts'
import { readSessions, type SessionItem } from '../sessions/list-sessions.ts'
import { leaveEverywhere } from '../sessions/sign-out.ts'
import { clearCookies } from '../sessions/token-answer.ts'
import { type AccountPage, type Content, openAccountPage } from './account-page.ts'
import { Done, renderButtonForm, renderDone } from './button-form.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

export const sessionsPage = defineFlow({
  schema: { hide: true, querystring: Done },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await sessionsContent(request, page, request.query.done))
    return reply
  },
})

/** One that is over already, or was never theirs, is over: nobody has to be told the difference. */
export const submitEndSession = defineFlow({
  schema: { hide: true, body: Type.Object({ session: FactorId }, { additionalProperties: false }) },
  async handler(request, reply) {
    const { memberId, sessionId } = request.session
    const { session: id } = request.body
    await endOwnSession(request, { id, memberId })
    if (id !== sessionId) return reply.redirect('/account/sessions?done=ended', 303)
    clearCookies(reply)
    return reply.redirect('/account/signed-out', 303)
  },
})

export const submitEndOthers = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    await keepOnlyThisSession(request)
    return reply.redirect('/account/sessions?done=othersEnded', 303)
  },
})

export const submitSignOutEverywhere = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    await leaveEverywhere(request)
    clearCookies(reply)
    return reply.redirect('/account/signed-out', 303)
  },
})

async function sessionsContent(request: FastifyRequest, { words, language }: AccountPage, done: string | undefined): Promise<Content> {
  const { sessions: said } = words
  const write = await momentWriter(request, language)
  const items = await readSessions(request, language)
  const list = items.map((item) => renderSession(said, item, write))
  const others = items.length > 1 ? renderButtonForm({ action: '/account/sessions/end-others', label: said.endOthers }) : ''
  const everywhere = renderButtonForm({ action: '/account/sessions/sign-out-everywhere', label: said.everywhere })
  return {
    title: said.title,
    text: [...renderDone(said.done, done), `<p>${said.intro}</p>`],
    after: `<ul class="cards">${list.join('')}</ul>${others}<h2>${said.everywhereTitle}</h2><p>${said.everywhereText}</p>${everywhere}`,
  }
}

function renderSession(said: Words['sessions'], { id, ...item }: SessionItem, write: (moment: string) => string): string {
  const about = `session-${id}`
  const lines = [
    `<strong>${item.device}</strong>, ${item.place}`,
    ...(item.operator ? [said.operator] : []),
    `${said.by}: ${item.methods.map((method) => said.methods[method]).join(', ')}`,
    `${said.begun}: ${write(item.createdAt)}`,
    `${said.seen}: ${write(item.lastSeenAt)}`,
  ].map((line, at) =>
    at === 0 ? `<p id="${about}">${line}${item.current ? ` <span class="tag">${said.current}</span>` : ''}</p>` : `<p>${line}</p>`,
  )
  // This one is left by the button of the menu.
  const end = item.current ? '' : renderButtonForm({ action: '/account/sessions/end', label: said.end, hidden: { session: id }, about })
  return `<li>${lines.join('')}${end}</li>`
}
