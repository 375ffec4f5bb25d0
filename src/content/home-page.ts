import type { TenantDb } from '../db/client.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { escapeHtml } from '../tenancy/escape-html.ts'
import { renderLegalLinks } from '../tenancy/legal-links.ts'
import { type PageSite, readPageSite } from '../tenancy/page-site.ts'
import { readSiteProfile, type SiteProfile } from '../tenancy/site-profile.ts'
import { publicCollections } from './collection.ts'
import { publishedEntries } from './entry.ts'
import { contactForm, hasForm } from './form-schema.ts'

/** A small page in the site's brand: what a person sees who opens the address of a site that has no front end of its own yet. */
export const homePage = defineFlow({
  schema: { operationId: 'homePage', hide: true },
  async handler(request, reply) {
    const { publicCache: cache, config, assets } = request.server
    const load = async () =>
      renderPage({
        site: await readSiteProfile(request.db, request.tenant, config.publicOrigin),
        face: await readPageSite(request.db),
        newest: await newestEntries(request.db),
        stylesheet: assets.address('home/home.css'),
      })
    reply.header('content-security-policy', policy).header('cross-origin-opener-policy', 'same-origin')
    await answerPublicly(request, reply, { cache, key: 'home', load, type: 'text/html; charset=utf-8' })
  },
})

interface Newest {
  collections: { slug: string; name: string }[]
  entries: { slug: string; title: string; summary: string; date: Date; collection: string }[]
  contact: boolean
}

const shown = 5
const shownDigits = 600

async function newestEntries(db: TenantDb): Promise<Newest> {
  const collections = await publicCollections(db)
  const posts = collections.find(({ slug }) => slug === 'posts') ?? collections[0]
  const rows = posts ? await publishedEntries(db, { collectionId: posts.id, take: shown, after: undefined }) : []
  const entries = rows.map(({ slug, data, publishedAt, updatedAt }) => ({
    slug,
    title: text(data, 'title') || text(data, 'name') || slug,
    summary: (text(data, 'summary') || text(data, 'body')).slice(0, shownDigits),
    date: publishedAt ?? updatedAt,
    collection: posts?.slug ?? '',
  }))
  return { collections, entries, contact: await hasForm(db, contactForm) }
}

function text(data: unknown, field: string): string {
  const value: unknown = Reflect.get(Object(data), field)
  return typeof value === 'string' ? value : ''
}

const policy =
  "default-src 'none'; img-src 'self'; font-src 'self'; manifest-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

interface Shown {
  site: SiteProfile
  newest: Newest
  face: PageSite | undefined
  /** Its address; colours and fonts come from the brand's own. */
  stylesheet: string
}

function renderPage({ site, face, newest, stylesheet }: Shown): string {
  const { name, origin, locale, timeZone, brand, slug } = site
  const { collections, entries, contact } = newest
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone })
  const language = locale.startsWith('pt') ? 'pt' : 'en'
  const words = { pt: portuguese, en: english }[language]
  const articles = entries.map(
    ({ slug: entry, title, summary, date, collection }) =>
      `<article><h3><a href="/v1/collections/${collection}/entries/${entry}">${escapeHtml(title)}</a></h3>` +
      `<time datetime="${date.toISOString()}">${day.format(date)}</time><p>${escapeHtml(summary)}</p></article>`,
  )
  const links = collections.map((collection) => `<a href="/v1/collections/${collection.slug}/entries">${escapeHtml(collection.name)}</a>`)
  return `<!doctype html>
<html lang="${escapeHtml(locale)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(name)}</title><meta name="description" content="${escapeHtml(brand.tagline)}"><meta property="og:title" content="${escapeHtml(name)}">${brand.social ? `<meta property="og:image" content="${escapeHtml(origin + brand.social)}">` : ''}
${face?.head ?? ''}<link rel="stylesheet" href="${stylesheet}"></head>
<body><header>${face?.sign ?? ''}<h1>${escapeHtml(name)}</h1><p>${escapeHtml(brand.tagline)}</p></header>
<main>${entries.length > 0 ? `<h2>${words.newest}</h2>${articles.join('')}` : ''}${links.length > 0 ? `<h2>${words.collections}</h2><nav>${links.join('')}</nav>` : ''}
<h2>${words.next}</h2><ul>${contact ? `<li><a href="/contact">${words.contact}</a></li>` : ''}<li><a href="/account/sign-in">${words.signIn}</a></li><li><a href="/account/sign-up">${words.signUp}</a></li><li><a href="/docs/">${words.docs}</a></li><li><a href="/v1/site">${words.site}</a></li><li><a href="/openapi.json">OpenAPI</a></li></ul></main>
<footer>${[escapeHtml(brand.shortName), escapeHtml(slug), ...renderLegalLinks(brand.legal, language)].join(' · ')}</footer></body></html>`
}

const portuguese = {
  newest: 'Mais recentes',
  collections: 'Coleções',
  next: 'Para onde seguir',
  contact: 'Escreva-nos',
  signIn: 'Entrar',
  signUp: 'Criar conta',
  docs: 'Documentação da API deste site',
  site: 'Perfil público do site',
}
const english: typeof portuguese = {
  newest: 'Newest',
  collections: 'Collections',
  next: 'Where to go next',
  contact: 'Write to us',
  signIn: 'Sign in',
  signUp: 'Create an account',
  docs: "This site's API documentation",
  site: "The site's public profile",
}
