import { html, type Markup, withLinks } from './markup.ts'
import type { Mail, MailSummary } from './read-mail.ts'

export const views = ['html', 'text', 'headers'] as const
export type View = (typeof views)[number]

export interface PageContent {
  mails: readonly MailSummary[]
  /** Slug of the site whose mails alone are listed; empty: all. */
  site: string
  /** The mail that is open, and how it is looked at. */
  open?: { mail: Mail; view: View }
}

/** Beside the html of a mail, everything the page needs comes from this host. */
export const pagePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%234f46e5'/%3E%3Cpath d='M7 11h18v11H7zM7 11l9 7 9-7' fill='none' stroke='white' stroke-width='2' stroke-linejoin='round'/%3E%3C/svg%3E"

export function renderPage({ mails, site, open }: PageContent): string {
  const listed = site ? mails.filter((mail) => mail.site === site) : mails
  const title = open ? open.mail.subject || '(no subject)' : `Inbox (${listed.length})`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/inbox.css">
<script src="/inbox.js" defer></script>
</head>
<body${open ? html` class="reading"` : ''}>
<header class="top">
<a class="name" href="${address('/', { site })}"><span aria-hidden="true"></span>Inbox</a>
<p>All mail of this machine’s sites. Nothing leaves it.</p>
<p class="live" role="status">live</p>
</header>
<main>
<section class="list" id="list" aria-label="Mails">
${filters(mails, site)}
${listed.length > 0 ? html`<ol>${listed.map((mail) => row(mail, { site, current: mail.id === open?.mail.id }))}</ol>` : empty(site)}
</section>
${open ? reading(open.mail, { view: open.view, site }) : html`<section class="mail none"><p>Choose a mail to read it here.</p></section>`}
</main>
</body>
</html>
`.text
}

function filters(mails: readonly MailSummary[], chosen: string): Markup {
  const counts = new Map<string, number>([['', mails.length]])
  for (const { site } of mails) counts.set(site, (counts.get(site) ?? 0) + 1)
  const links = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([site, count]) => {
      const current = site === chosen ? html` aria-current="true"` : ''
      return html`<a href="${address('/', { site })}"${current}>${site || 'All'} <b>${count}</b></a>`
    })
  return html`<nav class="chips" aria-label="Sites">${links}</nav>`
}

function empty(site: string): Markup {
  return html`<div class="empty"><h2>No mail yet</h2><p>${site ? `What ${site} sends` : 'What a site sends'} shows up here by itself. Sign up at one of the sites to see its first mail.</p></div>`
}

function row({ id, site, from, to, subject, receivedAt }: MailSummary, { site: chosen, current }: { site: string; current: boolean }): Markup {
  return html`<li><a class="row" id="m-${id}" href="${address(`/mail/${id}`, { site: chosen })}"${current ? html` aria-current="true"` : ''}>
<span class="who">${from.name || from.address || site}</span>${time(receivedAt)}
<strong>${subject || '(no subject)'}</strong>
<span class="to">to ${to}</span>${badge(site)}
</a></li>`
}

function reading(mail: Mail, { view, site }: { view: View; site: string }): Markup {
  const { id, from, to, subject, receivedAt } = mail
  const tabs = views.map(
    (name) => html`<a href="${address(`/mail/${id}`, { view: name, site })}"${name === view ? html` aria-current="page"` : ''}>${titles[name]}</a>`,
  )
  return html`<section class="mail" aria-label="Mail">
<a class="back" href="${address('/', { site })}">‹ All mails</a>
<h1>${subject || '(no subject)'}</h1>
<dl>
<dt>From</dt><dd><b>${from.name}</b> ${from.address ? `<${from.address}>` : ''} ${badge(mail.site)}</dd>
<dt>To</dt><dd>${to}</dd>
<dt>Sent</dt><dd>${time(receivedAt, full)}</dd>
</dl>
<nav class="tabs" aria-label="Views">${tabs}<a class="raw" href="/mail/${id}/raw" download>Download</a></nav>
${body(mail, view)}
</section>`
}

const titles: Record<View, string> = { html: 'Mail', text: 'Plain text', headers: 'Headers' }

function body({ id, html: own, text, headers }: Mail, view: View): Markup {
  if (view === 'headers')
    return html`<table class="headers">${headers.map(({ name, value }) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table>`
  if (view === 'text' || !own) return html`<pre>${text ? withLinks(text) : 'This mail has no plain text.'}</pre>`
  return html`<iframe src="/mail/${id}/body" title="The mail as it looks" sandbox="${popups}"></iframe>`
}

/** No scripts, forms or navigation; links open in a tab that is an ordinary one. */
export const popups = 'allow-popups allow-popups-to-escape-sandbox'

// Eight colours, the same for a site each time.
function badge(site: string): Markup {
  const hue = [...site].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 997, 7) % 8
  return html`<span class="site hue${hue}">${site}</span>`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' })

function time(iso: string, format?: Intl.DateTimeFormat): Markup {
  const at = new Date(iso)
  const short = at.toDateString() === new Date().toDateString() ? clock : day
  return html`<time datetime="${iso}">${(format ?? short).format(at)}</time>`
}

function address(path: string, query: Record<string, string>): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return given.size > 0 ? `${path}?${given}` : path
}
