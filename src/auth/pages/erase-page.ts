import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { requestErasure } from '../account/request-erasure.ts'
import { clearCookies } from '../sessions/token-answer.ts'
import { type Content, openAccountPage } from './account-page.ts'
import { keepForm } from './keep-account-page.ts'
import { renderMore } from './more-link.ts'
import { sendProblem } from './send-problem.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

export const erasePage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(question(page.words, false))
    return reply
  },
})

/** The answer is no redirect: whoever asked is nobody's session any more, and a reload is sent to sign in. */
export const submitErase = defineFlow({
  schema: { hide: true, body: Type.Object({ agree: Type.Optional(Type.Literal('yes')) }, { additionalProperties: false }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      if (request.body.agree === undefined) {
        reply.code(400)
        page.send(question(page.words, true))
        return reply
      }
      const { eraseAt, challenge } = await requestErasure(request)
      clearCookies(reply)
      const { erase: said } = page.words.profile
      const write = await momentWriter(request, page.language)
      const text = [`<p>${said.done(write(eraseAt.toISOString()))}</p>`, `<p>${said.undo}</p>`]
      page.send({ title: said.doneTitle, text, form: keepForm(page.words, { challenge }), isGone: true })
    } catch (error) {
      sendProblem(page, reply, { error, content: question(page.words, false) })
    }
    return reply
  },
})

function question({ profile: { erase: said, export: data, back } }: Words, isMissing: boolean): Content {
  const text = [said.what, said.now, said.keep, `${said.export} <a href="/account/export">${data.download}</a>`]
  const state = isMissing ? ' aria-invalid="true" aria-describedby="agree-fault"' : ''
  const complaint = isMissing ? `<p class="fault" id="agree-fault">${said.disagree}</p>` : ''
  const tick = `<p class="tick"><input id="agree" name="agree" type="checkbox" value="yes" required${state}><label for="agree">${said.agree}</label></p>`
  return {
    title: said.title,
    text: text.map((paragraph) => `<p>${paragraph}</p>`),
    form: { action: '/account/profile/erase', fields: [], submit: said.submit, extra: tick + complaint },
    after: renderMore('/account/profile', back),
    ...(isMissing ? { faults: [{ text: said.disagree }] } : {}),
  }
}
