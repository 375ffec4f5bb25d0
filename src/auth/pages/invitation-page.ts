import type { FastifyRequest } from 'fastify'
import { isProblem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { AcceptInvitationBody, acceptInvitation } from '../staff/accept-invitation.ts'
import { readInvitation } from '../staff/read-invitation.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { arrive } from './arrive.ts'
import { renderFacts } from './facts.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import { sayRole } from './role-words.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

/** Opened by people and by mail scanners alike: it spends nothing. */
export const invitationPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { invitation: said, voidLink } = page.words
    const { token } = request.query
    const empty = { title: said.title, after: wayOn(page.words) }
    if (!token) page.send({ ...empty, text: [`<p>${said.open}</p>`] })
    else {
      try {
        const invitation = await readInvitation(request, token)
        page.send(acceptForm(page.words, { token, name: invitation.name ?? '' }, await factsOf(request, page, invitation)))
      } catch (error) {
        if (isProblem(error) && error.code === 'CHALLENGE_INVALID') page.send({ ...empty, text: [`<p>${voidLink}</p>`] })
        else page.sendFailure(error, empty)
      }
    }
    return reply
  },
})

export const submitInvitation = defineFlow({
  schema: { hide: true, body: AcceptInvitationBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await arrive(request, reply, { page, result: await acceptInvitation(request, request.body), returnTo: undefined })
    } catch (error) {
      sendProblem(page, reply, { error, content: acceptForm(page.words, typedIn(request, 'token', 'name'), '') })
    }
    return reply
  },
})

type ReadInvitation = Awaited<ReturnType<typeof readInvitation>>

async function factsOf(request: FastifyRequest, { words, language }: AccountPage, invitation: ReadInvitation): Promise<string> {
  const { site, role, inviter, email, expiresAt } = invitation
  const { invitation: said } = words
  const write = await momentWriter(request, language)
  return renderFacts([
    { term: said.site, value: escapeHtml(site) },
    { term: said.role, value: escapeHtml(sayRole(words, role)) },
    { term: said.inviter, value: escapeHtml(inviter) },
    { term: said.email, value: escapeHtml(email) },
    { term: said.until, value: write(expiresAt) },
  ])
}

function acceptForm(words: Words, { token = '', name = '' }: Record<string, string>, facts: string): Content {
  const { invitation: said } = words
  return {
    title: said.title,
    text: [facts, `<p>${said.intro}</p>`],
    form: { action: '/account/invitation', hidden: { token }, fields: ['name', 'password'], submit: said.submit, typed: { name } },
    after: wayOn(words),
  }
}

function wayOn({ invitation, signIn }: Words): string {
  return `<p class="more">${invitation.again}</p>${renderMore('/account/sign-in', signIn.title)}`
}
