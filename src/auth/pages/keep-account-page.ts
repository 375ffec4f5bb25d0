import { defineFlow } from '../../tenancy/define-flow.ts'
import { ProofBody } from '../account/confirm-email-change.ts'
import { keepAccount } from '../account/keep-account.ts'
import { readErasure } from '../account/read-erasure.ts'
import { type Content, openAccountPage, typedIn } from './account-page.ts'
import type { Form } from './form.ts'
import { LinkQuery } from './link-query.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

/** Opened by people and by mail scanners alike: it spends nothing. */
export const keepAccountPage = defineFlow({
  schema: { hide: true, querystring: LinkQuery },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { keepAccount: said, voidLink } = page.words
    const { token } = request.query
    const eraseAt = token ? await readErasure(request, token) : undefined
    if (token && eraseAt) {
      const write = await momentWriter(request, page.language)
      page.send({ title: said.title, text: [`<p>${said.intro(write(eraseAt.toISOString()))}</p>`], form: keepForm(page.words, { token }) })
    } else page.send({ title: said.title, text: [`<p>${token ? voidLink : said.open}</p>`], after: wayOn(page.words) })
    return reply
  },
})

export const submitKeepAccount = defineFlow({
  schema: { hide: true, body: ProofBody },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { keepAccount: said } = page.words
    try {
      if (request.validationError) throw request.validationError
      await keepAccount(request, request.body)
      page.send({ title: said.doneTitle, text: [`<p>${said.done}</p>`], after: wayOn(page.words) })
    } catch (error) {
      page.sendFailure(error, asBefore(page.words, typedIn(request, 'token', 'challenge', 'code')))
    }
    return reply
  },
})

/** A button for a link, and a field for a code. */
export function keepForm({ keepAccount: said }: Words, { token, challenge = '', code = '' }: Record<string, string>): Form {
  const form = { action: '/account/keep-account', submit: said.submit }
  return token ? { ...form, hidden: { token }, fields: [] } : { ...form, hidden: { challenge }, fields: ['code'], typed: { code } }
}

function asBefore(words: Words, typed: Record<string, string>): Content {
  const { title, code } = words.keepAccount
  return { title, text: typed.token ? [] : [`<p>${code}</p>`], form: keepForm(words, typed), after: wayOn(words) }
}

function wayOn({ signIn }: Words): string {
  return renderMore('/account/sign-in', signIn.title)
}
