import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import type { FactorsAnswer } from '../factors/factor-fields.ts'
import { listFactors } from '../factors/list-factors.ts'
import { type AccountPage, type Content, openAccountPage } from './account-page.ts'
import { Done, renderButtonForm, renderDone } from './button-form.ts'
import { hasFreshProof } from './has-fresh-proof.ts'
import { renderMore } from './more-link.ts'
import { whyNoPasskeys } from './passkeys-here.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

type Factors = Static<typeof FactorsAnswer>
type Factor = Factors['totp'][number] & { backedUp?: boolean }

export const securityPage = defineFlow({
  schema: { hide: true, querystring: Done },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    page.send(await securityContent(request, page, request.query.done))
    return reply
  },
})

/** Also under what a form of the page could not do. */
export async function securityContent(request: FastifyRequest, page: AccountPage, done?: string): Promise<Content> {
  const { secondFactor } = page.policy
  const factors = await listFactors(request)
  const { security: said } = page.words
  const asked = factors.required ? 'required' : secondFactor === 'staff' ? 'staff' : secondFactor === 'off' ? 'off' : 'optional'
  const text = [...renderDone(said.done, done), `<p>${said.policy[asked]}</p>`]
  if (!(await hasFreshProof(request))) {
    const link = '<a href="/account/reauthenticate?return_to=%2Faccount%2Fsecurity">'
    text.push(`<div class="notice"><p>${said.proof}</p><p>${link}${said.prove}</a></p></div>`)
  }
  const write = await momentWriter(request, page.language)
  const parts = [
    renderApps(page.words, factors, write),
    renderPasskeys(page.words, factors, { write, why: await whyNoPasskeys(request) }),
    renderCodes(page.words, factors),
  ]
  return { title: said.title, text, after: parts.join('') }
}

type Write = (moment: string) => string

function renderApps({ security: said }: Words, { totp }: Factors, write: Write): string {
  const items = totp.map((app) => {
    const remove = renderButtonForm({
      action: '/account/security/totp/remove',
      label: said.remove,
      hidden: { factor: app.id },
      about: `factor-${app.id}`,
    })
    return `<li>${describe(said, app, write)}${remove}</li>`
  })
  return `<h2>${said.apps.title}</h2>${listOr(said.apps.none, items)}${renderMore('/account/security/totp', said.apps.add)}`
}

function renderPasskeys(
  { security: said }: Words,
  { passkeys }: Factors,
  { write, why }: { write: Write; why: 'off' | 'alias' | undefined },
): string {
  const items = passkeys.map((passkey) => {
    const about = `factor-${passkey.id}`
    const hidden = { passkey: passkey.id }
    const rename = `<a href="/account/security/passkey/rename?passkey=${passkey.id}" aria-describedby="${about}">${said.passkeys.rename}</a>`
    const remove = renderButtonForm({ action: '/account/security/passkey/remove', label: said.remove, hidden, about })
    return `<li>${describe(said, passkey, write)}<p>${rename}</p>${remove}</li>`
  })
  const add = why ? `<p class="hint">${said.passkeys[why]}</p>` : renderMore('/account/security/passkey', said.passkeys.add)
  return `<h2>${said.passkeys.title}</h2>${listOr(said.passkeys.none, items)}${add}`
}

function renderCodes({ security: { codes: said } }: Words, { totp, passkeys, recoveryCodesLeft: left }: Factors): string {
  const title = `<h2>${said.title}</h2>`
  if (totp.length + passkeys.length === 0) return `${title}<p>${said.later}</p>`
  const make = renderMore('/account/security/recovery-codes', said.make)
  return `${title}<p>${left > 0 ? said.left(left) : said.none}</p>${make}`
}

function describe(said: Words['security'], { id, name, createdAt, lastUsedAt, backedUp }: Factor, write: Write): string {
  const facts = [said.added(write(createdAt)), lastUsedAt ? said.used(write(lastUsedAt)) : said.unused, ...(backedUp ? [said.backedUp] : [])]
  return `<p id="factor-${id}"><strong>${escapeHtml(name)}</strong></p><p>${facts.join(', ')}</p>`
}

function listOr(none: string, items: string[]): string {
  return items.length > 0 ? `<ul class="cards">${items.join('')}</ul>` : `<p>${none}</p>`
}
