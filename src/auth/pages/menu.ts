import type { FastifyRequest } from 'fastify'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import type { Words } from './words.ts'

/** Where a member may go, and who else acts in the account. Empty for visitors. */
export function renderMenu({ menu, operator: tell }: Words, { session, routeOptions }: FastifyRequest): string {
  if (!session) return ''
  const pages = [
    ['/account', menu.overview],
    ['/account/profile', menu.profile],
    ['/account/security', menu.security],
    ['/account/sessions', menu.sessions],
  ]
  const items = pages.map(([address = '', text]) => `<li><a href="${address}"${currency(address, routeOptions.url ?? '')}>${text}</a></li>`)
  const { operator } = session.member
  const banner = operator ? `<div class="notice operator" role="status"><p>${escapeHtml(tell(operator.reason))}</p></div>` : ''
  const leave = `<li><form method="post" action="/account/sign-out"><button type="submit" class="link">${menu.signOut}</button></form></li>`
  return `<nav aria-label="${menu.label}"><ul>${items.join('')}${leave}</ul>${banner}</nav>`
}

/** Pages below one of the menu's are part of it. */
function currency(address: string, url: string): string {
  if (address === url) return ' aria-current="page"'
  return address !== '/account' && url.startsWith(`${address}/`) ? ' aria-current="true"' : ''
}
