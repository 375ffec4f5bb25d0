import type { FastifyReply } from 'fastify'
import type { BuiltAssets } from '../files/built-assets.ts'
import { escapeHtml } from './escape-html.ts'
import type { Language } from './language.ts'
import { renderLegalLinks } from './legal-links.ts'
import type { PageSite } from './page-site.ts'

export interface Page {
  /** Undefined where it is not known whose page it is: then it stands without a brand. */
  site: PageSite | undefined
  language: Language
  title: string
  /** Where something is wrong: said before the title, which is what a screen reader reads first. */
  failed?: string
  /** HTML of `main`, under the title. */
  content: string
  /** HTML between header and `main`: where the visitor is, and may go. */
  navigation?: string
  /** A script of web/, by its path there. Without one the page runs none. */
  script?: string
  /** What a page may load beside what is this site's own, by directive: a captcha's. */
  sources?: Readonly<Record<string, readonly string[]>>
  /** Other origins that a form of the page may end at: where somebody is sent back to after signing in. */
  formTargets?: readonly string[]
}

/** Answers with a page in the site's brand. It is kept by nobody, runs no script but the one that is named, and its forms lead to this site alone. */
export function sendPage(reply: FastifyReply, page: Page): void {
  reply
    .headers({
      'content-security-policy': policyOf(page),
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      // Under no-referrer a browser sends `Origin: null` with a form (Fetch, 3.2), and one without Sec-Fetch-Site could not show whose page it
      // was. What is left of a referrer is the origin: the token in the address goes nowhere.
      'referrer-policy': 'strict-origin',
    })
    .type('text/html; charset=utf-8')
    .send(render(page, reply.server.assets))
}

/** Chromium holds also what a form is redirected to against form-action. */
function policyOf({ script, formTargets = [], sources = {} }: Page): string {
  const own = script ? ["'self'"] : []
  const self = ["'self'"]
  const loaded = {
    'script-src': own,
    'connect-src': own,
    'frame-src': [],
    'img-src': self,
    'font-src': self,
    'manifest-src': self,
    'style-src': self,
  }
  const allowed = Object.entries(loaded).map(([directive, list]) => [directive, ...list, ...(sources[directive] ?? [])])
  const targets = ["'self'", ...formTargets].join(' ')
  const named = allowed.filter(({ length }) => length > 1).map((directive) => `${directive.join(' ')}; `)
  return `default-src 'none'; ${named.join('')}base-uri 'none'; form-action ${targets}; frame-ancestors 'none'`
}

function render({ site, language, title, failed, content, navigation = '', script }: Page, assets: BuiltAssets): string {
  const name = site && escapeHtml(site.name)
  const legal = site ? renderLegalLinks(site.legal, language).join(' · ') : ''
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${failed ? `${escapeHtml(failed)}: ` : ''}${escapeHtml(title)}${name ? ` · ${name}` : ''}</title>${site?.head ?? ''}<link rel="stylesheet" href="${assets.address('account/account.css')}">${script ? `<script type="module" src="${assets.address(script)}"></script>` : ''}</head>
<body>${site ? `<header><a href="/">${site.logo}</a></header>` : ''}${navigation}<main><h1>${escapeHtml(title)}</h1>
${content}</main>${legal && `<footer>${legal}</footer>`}</body></html>`
}
