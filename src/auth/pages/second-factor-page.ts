import type { FastifyRequest } from 'fastify'
import type { OwedFactor } from '../sign-in/finish-sign-in.ts'
import type { AccountPage } from './account-page.ts'
import { readReturnWish } from './return-field.ts'

/** The first proof was right: what is still owed. */
export async function sendSecondFactorPage(
  request: FastifyRequest,
  page: AccountPage,
  { owed, returnTo }: { owed: OwedFactor; returnTo: string | undefined },
): Promise<void> {
  const { secondFactor: said } = page.words
  const { hidden, formTargets } = await readReturnWish(request, returnTo)
  page.send({
    title: said.title,
    text: [`<p>${said.intro}</p>`],
    form: { action: '/account/second-factor', hidden: { pending: owed.secret, ...hidden }, fields: ['code'], submit: said.submit },
    formTargets,
  })
}
