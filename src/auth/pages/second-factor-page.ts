import type { FastifyRequest } from 'fastify'
import { canonicalOrigin } from '../../tenancy/canonical-origin.ts'
import { isAtRelyingParty } from '../factors/relying-party.ts'
import type { AccountPage, Content } from './account-page.ts'
import { describeEnrolment } from './enrolment-page.ts'
import type { Form } from './form.ts'
import type { Owing } from './owing.ts'
import { offerPasskey } from './passkey-button.ts'
import { readReturnWish } from './return-field.ts'

/** The first proof was right: what is still owed. */
export async function sendSecondFactorPage(request: FastifyRequest, page: AccountPage, owing: Owing): Promise<void> {
  page.send(await (owing.owed.enrol ? describeEnrolment : describeSecondFactor)(request, page, owing))
}

/** The code of an app first, a passkey beside it, and a recovery code for who has neither at hand. */
export async function describeSecondFactor(request: FastifyRequest, { words }: AccountPage, { owed, returnTo }: Owing): Promise<Content> {
  const { secondFactor: said, passkey } = words
  const { hidden, formTargets } = await readReturnWish(request, returnTo)
  const own: Pick<Form, 'action' | 'hidden'> = { action: '/account/second-factor', hidden: { pending: owed.secret, ...hidden } }
  const byApp = owed.factors.includes('totp')
  const byPasskey = owed.factors.includes('passkey') && isAtRelyingParty(request)
  const button = byPasskey
    ? offerPasskey(words, { purpose: 'second-factor', label: passkey.use, next: hidden.return_to ?? '/account', pending: owed.secret })
    : undefined
  const recovery = { summary: said.recovery, form: { ...own, fields: ['recoveryCode'], submit: said.useRecovery } satisfies Form }
  return {
    title: said.title,
    text: byApp ? [`<p>${said.intro}</p>`] : [passkeyAlone(request, words, byPasskey)],
    ...(byApp ? { form: { ...own, fields: ['code'], submit: said.submit } } : {}),
    ...(button ? { beside: button.html, script: button.script } : {}),
    ...(owed.factors.includes('recovery-code') ? { folded: recovery } : {}),
    formTargets,
  }
}

/** A passkey works at the canonical host, and by a script. */
function passkeyAlone({ tenant, server }: FastifyRequest, { passkey }: AccountPage['words'], here: boolean): string {
  if (here) return `<p>${passkey.intro}</p><noscript><p class="hint">${passkey.noScript}</p></noscript>`
  const address = `${canonicalOrigin(tenant, server.config.publicOrigin)}/account/sign-in`
  return `<p><a href="${address}">${passkey.elsewhere}</a></p>`
}
