import { isProblem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { leave } from '../sessions/sign-out.ts'
import { clearCookies } from '../sessions/token-answer.ts'
import { openAccountPage } from './account-page.ts'
import { renderMore } from './more-link.ts'
import { findPageSession } from './page-session.ts'

/** Also for who has no session any more: pressed, it always ends signed out. */
export const submitSignOut = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const signedIn = await findPageSession(request, reply).catch((error) => {
      if (isProblem(error) && error.statusCode === 401) return false
      throw error
    })
    if (signedIn) await leave(request)
    clearCookies(reply)
    return reply.redirect('/account/signed-out', 303)
  },
})

export const signedOutPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { signedOut: said } = page.words
    page.send({ title: said.title, text: [`<p>${said.text}</p>`], after: renderMore('/account/sign-in', said.again) })
    return reply
  },
})
