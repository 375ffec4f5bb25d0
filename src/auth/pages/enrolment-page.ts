import type { FastifyRequest } from 'fastify'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { isAtRelyingParty } from '../factors/relying-party.ts'
import { enrolTotp } from '../sign-in/enrol-totp.ts'
import type { AccountPage, Content } from './account-page.ts'
import { renderMore } from './more-link.ts'
import type { Owing } from './owing.ts'
import { offerPasskey } from './passkey-button.ts'
import { readReturnWish } from './return-field.ts'
import type { Words } from './words.ts'

/** The site asks for a factor that the member has not got: it is set up on the way in. */
export async function describeEnrolment(request: FastifyRequest, { words }: AccountPage, { owed, returnTo }: Owing): Promise<Content> {
  const { enrol: said, passkey, secondFactor } = words
  const { hidden, formTargets } = await readReturnWish(request, returnTo)
  const setup = await enrolTotp(request, { pending: owed.secret })
  const next = hidden.return_to ?? '/account'
  const byPasskey = owed.factors.includes('passkey') && isAtRelyingParty(request)
  const button = byPasskey
    ? offerPasskey(words, { purpose: 'enrol', label: passkey.setUp, next, pending: owed.secret, name: passkey.name })
    : undefined
  return {
    title: said.title,
    text: [`<div data-until-codes>${renderSetup(said, setup)}</div>`],
    form: {
      action: '/account/enrol-factor',
      hidden: { pending: owed.secret, ...hidden },
      fields: ['code'],
      submit: secondFactor.submit,
      untilCodes: true,
    },
    ...(button
      ? { beside: `<p class="more" data-until-codes>${said.or}</p>${button.html}${renderCodesToCome(words, next)}`, script: button.script }
      : {}),
    formTargets,
  }
}

/** Recovery codes, shown this once. */
export function describeRecoveryCodes({ recoveryCodes: said }: Words, codes: readonly string[], next: string): Content {
  const list = codes.map((code) => `<li>${escapeHtml(code)}</li>`).join('')
  return {
    title: said.title,
    text: [`<p>${said.text}</p><ul class="codes">${list}</ul>`],
    after: renderMore(next, said.go),
  }
}

function renderSetup(said: Words['enrol'], { qr, secret, uri }: { qr: string; secret: string; uri: string }): string {
  const spaced = secret.replace(/.{4}(?=.)/g, '$& ')
  return (
    `<p>${said.intro}</p><div class="qr" role="img" aria-label="${said.qr}">${qr}</div>` +
    `<p class="more">${said.typed} <strong>${spaced}</strong></p><p><a href="${escapeHtml(uri)}">${said.open}</a></p>`
  )
}

/** Where the passkey script puts them. */
function renderCodesToCome({ recoveryCodes: said }: Words, next: string): string {
  return (
    `<div id="passkey-codes" hidden><h2 tabindex="-1">${said.title}</h2><p>${said.text}</p><ul class="codes"></ul>` +
    `${renderMore(next, said.go)}</div>`
  )
}
