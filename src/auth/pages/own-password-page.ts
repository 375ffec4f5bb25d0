import type { FastifyRequest } from 'fastify'
import { isProblem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { ChangePasswordBody, changePassword } from '../account/change-password.ts'
import { type AccountPage, type Content, openAccountPage } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { sendProblem } from './send-problem.ts'

export const ownPasswordPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await passwordForm(request, page))
    return reply
  },
})

export const submitOwnPassword = defineFlow({
  schema: { hide: true, body: ChangePasswordBody },
  async handler(request, reply) {
    try {
      if (request.validationError) throw request.validationError
      await changePassword(request, request.body)
      return reply.redirect('/account/profile?done=password', 303)
    } catch (error) {
      const page = await openAccountPage(request, reply)
      const field = isProblem(error) && error.code === 'AUTH_PASSWORD_WRONG' ? ({ field: 'currentPassword' } as const) : {}
      sendProblem(page, reply, { error, content: await passwordForm(request, page), ...field })
    }
    return reply
  },
})

/** An account may have none, as one that was taken over from another system: then there is no present one to ask for. */
async function passwordForm({ db, session }: FastifyRequest, { words }: AccountPage): Promise<Content> {
  const { password: said, back } = words.profile
  const kept = await db.password.findFirst({ where: { memberId: session.memberId }, select: { memberId: true } })
  // Tells a password manager whose it is; it has no name, so that it is not sent.
  const whose = `<input type="text" autocomplete="username" value="${escapeHtml(session.member.email)}" hidden>`
  return {
    title: kept ? said.change : said.choose,
    text: [`<p>${said.ends}</p>`],
    form: {
      action: '/account/profile/password',
      fields: kept ? ['currentPassword', 'password'] : ['password'],
      submit: said.submit,
      passwordLabel: words.newPassword,
      extra: whose,
    },
    after: renderMore('/account/profile', back),
  }
}
