import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { proofByToken } from '../account/challenge.ts'
import { completeMailedSignIn, readMailedSignIn } from '../sign-in/complete-mailed-sign-in.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import { arrive } from './arrive.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'

/** Opened by people and by mail scanners alike: it spends nothing, and says whose account it is before anything is pressed. */
export const signInLinkPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { token } = typedIn({ body: request.query }, 'token')
    try {
      page.send(await nextStep(request, page.words, token))
    } catch (error) {
      page.sendFailure(error, voidLink(page.words, token))
    }
    return reply
  },
})

export const submitSignInLink = defineFlow({
  schema: { hide: true, body: Type.Object(proofByToken, { additionalProperties: false }) },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    try {
      if (request.validationError) throw request.validationError
      await arrive(request, reply, { page, result: await completeMailedSignIn(request, request.body), returnTo: undefined })
    } catch (error) {
      page.sendFailure(error, voidLink(page.words, typedIn(request, 'token').token))
    }
    return reply
  },
})

async function nextStep(request: FastifyRequest, words: Words, token: string | undefined): Promise<Content> {
  const { title, account, open } = words.linkSignIn
  if (!token) return { title, text: [`<p>${open}</p>`], after: again(words) }
  const { email } = await readMailedSignIn(request, token)
  return { ...voidLink(words, token), text: [`<p>${escapeHtml(account(email))}</p>`] }
}

/** Where it failed for a reason that passes, the button is still there. */
function voidLink(words: Words, token = ''): Content {
  const { title, submit } = words.linkSignIn
  return { title, form: { action: '/account/sign-in-link', hidden: { token }, fields: [], submit }, after: again(words) }
}

function again({ mailSignIn }: Words): string {
  return `${renderMore('/account/sign-in-mail', mailSignIn.again)}${renderMore('/account/sign-in', mailSignIn.byPassword)}`
}
