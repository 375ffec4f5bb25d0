import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { languages } from '../../tenancy/language.ts'
import { MemberName } from '../account/account-fields.ts'
import { changeMe } from '../account/change-me.ts'
import { type AccountPage, type Content, openAccountPage, typedIn } from './account-page.ts'
import { Done, renderDone } from './button-form.ts'
import { renderPendingChange } from './pending-change.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'

export const profilePage = defineFlow({
  schema: { hide: true, querystring: Done },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await profile(request, page, { done: request.query.done }))
    return reply
  },
})

/** An empty language is the site's. */
export const submitProfile = defineFlow({
  schema: {
    hide: true,
    body: Type.Object({ name: MemberName, language: Type.Enum(['', ...languages], { type: 'string' }) }, { additionalProperties: false }),
  },
  async handler(request, reply) {
    try {
      if (request.validationError) throw request.validationError
      const { name, language } = request.body
      await changeMe(request, { name, language: language === '' ? null : language })
      return reply.redirect('/account/profile?done=saved', 303)
    } catch (error) {
      const page = await openAccountPage(request, reply)
      sendProblem(page, reply, { error, content: await profile(request, page, { typed: typedIn(request, 'name', 'language') }) })
    }
    return reply
  },
})

interface Shown {
  done?: string | undefined
  typed?: Record<string, string>
}

async function profile(request: FastifyRequest, page: AccountPage, { done, typed }: Shown): Promise<Content> {
  const { words } = page
  const select = { name: true, email: true, language: true, password: { select: { updatedAt: true } } }
  const member = await request.db.member.findFirst({ where: { id: request.session.memberId }, select })
  if (!member) throw problem('AUTH_TOKEN_INVALID')
  const { name = member.name, language = member.language ?? '' } = typed ?? {}
  const { profile: said } = words
  return {
    title: said.title,
    text: [...renderDone(said.done, done), await renderPendingChange(request, page)],
    form: { action: '/account/profile', fields: ['name'], submit: said.submit, typed: { name }, extra: renderLanguages(words, language) },
    after: [
      renderPart(said.email.heading, [escapeHtml(said.email.now(member.email))], link('/account/profile/email', said.email.change)),
      member.password
        ? renderPart(said.password.heading, [], link('/account/profile/password', said.password.change))
        : renderPart(said.password.heading, [said.password.none], link('/account/profile/password', said.password.choose)),
      // No `download`: where a proof is asked for first, a page is what comes.
      renderPart(said.export.heading, [said.export.text], link('/account/export', said.export.download)),
      renderPart(said.erase.heading, [said.erase.what], link('/account/profile/erase', said.erase.link)),
    ].join(''),
  }
}

function renderLanguages({ profile: said }: Words, chosen: string): string {
  const options = [['', said.siteLanguage] as const, ...languages.map((language) => [language, said.languages[language]] as const)]
  const shown = options.map(([value, text]) => `<option value="${value}"${value === chosen ? ' selected' : ''}>${text}</option>`)
  return `<label for="language">${said.language}</label><select id="language" name="language">${shown.join('')}</select>`
}

function renderPart(heading: string, text: readonly string[], link: string): string {
  return `<h2>${heading}</h2>${text.map((paragraph) => `<p>${paragraph}</p>`).join('')}<p>${link}</p>`
}

function link(address: string, text: string): string {
  return `<a href="${address}">${text}</a>`
}
