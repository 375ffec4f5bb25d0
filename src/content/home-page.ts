import { createHash } from 'node:crypto'
import type { TenantDb } from '../db/client.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { escapeHtml } from '../tenancy/escape-html.ts'
import { type PageSite, readPageSite } from '../tenancy/page-site.ts'
import { readSiteProfile, type SiteProfile } from '../tenancy/site-profile.ts'
import { publicCollections } from './collection.ts'
import { publishedEntries } from './entry.ts'
import { contactForm, hasForm } from './form-schema.ts'

/** A small page in the site's brand: what a person sees who opens the address of a site that has no front end of its own yet. */
export const homePage = defineFlow({
  schema: { operationId: 'homePage', hide: true },
  async handler(request, reply) {
    const { publicCache: cache, config } = request.server
    const load = async () => {
      const { db, tenant } = request
      return renderPage(await readSiteProfile(db, tenant, config.publicOrigin), await readPageSite(db), await newestEntries(db))
    }
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

// The brand comes from its own sheet: this element is the same on every site, so that the policy can name its hash.
const style = `
*{box-sizing:border-box}body{margin:0;font:17px/1.6 var(--font-body,system-ui,sans-serif);background:var(--surface);color:var(--text)}
header{background:var(--primary);color:var(--on-primary);padding:3rem max(1.25rem,calc(50vw - 24rem))}header p{margin:.25rem 0 0;opacity:.9}
header img{display:block;background:var(--plate,#fff);border-radius:8px;padding:.4rem .6rem;box-sizing:content-box;margin:0 0 1rem}h1,h2,h3{font-family:var(--font-heading,inherit)}h1{margin:0;font-size:2rem;line-height:1.2;text-wrap:balance}h2{font-size:1.15rem;margin:2.25rem 0 .75rem}main,footer{padding:0 max(1.25rem,calc(50vw - 24rem))}
article{border-inline-start:4px solid var(--accent);padding:.1rem 0 .1rem 1rem;margin:0 0 1.4rem}article h3{margin:0;font-size:1.05rem}
article p{margin:.2rem 0 0}time{font-size:.85rem;opacity:.75}a{color:inherit;text-underline-offset:.2em}article a{text-decoration-color:var(--accent)}a:hover{text-decoration-thickness:2px}ul{padding-inline-start:1.2rem}
nav a{display:inline-block;margin:0 .5rem .5rem 0;padding:.3rem .8rem;border:1px solid var(--accent);border-radius:99px;text-decoration:none}nav a:hover{background:var(--primary);color:var(--on-primary)}
footer{padding-block:1.5rem 3rem;font-size:.85rem;opacity:.75}`

const policy = `default-src 'none'; img-src 'self'; font-src 'self'; manifest-src 'self'; style-src 'self' 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

function renderPage(
  { name, origin, locale, timeZone, brand, slug }: SiteProfile,
  face: PageSite | undefined,
  { collections, entries, contact }: Newest,
): string {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone })
  const words = locale.startsWith('pt') ? portuguese : english
  const articles = entries.map(
    ({ slug: entry, title, summary, date, collection }) =>
      `<article><h3><a href="/v1/collections/${collection}/entries/${entry}">${escapeHtml(title)}</a></h3>` +
      `<time datetime="${date.toISOString()}">${day.format(date)}</time><p>${escapeHtml(summary)}</p></article>`,
  )
  const links = collections.map((collection) => `<a href="/v1/collections/${collection.slug}/entries">${escapeHtml(collection.name)}</a>`)
  return `<!doctype html>
<html lang="${escapeHtml(locale)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(name)}</title><meta name="description" content="${escapeHtml(brand.tagline)}"><meta property="og:title" content="${escapeHtml(name)}">${brand.social ? `<meta property="og:image" content="${escapeHtml(origin + brand.social)}">` : ''}
${face?.head ?? ''}<style>${style}</style></head>
<body><header>${face?.sign ?? ''}<h1>${escapeHtml(name)}</h1><p>${escapeHtml(brand.tagline)}</p></header>
<main>${entries.length > 0 ? `<h2>${words.newest}</h2>${articles.join('')}` : ''}${links.length > 0 ? `<h2>${words.collections}</h2><nav>${links.join('')}</nav>` : ''}
<h2>${words.next}</h2><ul>${contact ? `<li><a href="/contact">${words.contact}</a></li>` : ''}<li><a href="/account/sign-in">${words.signIn}</a></li><li><a href="/account/sign-up">${words.signUp}</a></li><li><a href="/docs/">${words.docs}</a></li><li><a href="/v1/site">${words.site}</a></li><li><a href="/openapi.json">OpenAPI</a></li></ul></main>
<footer>${[escapeHtml(brand.shortName), escapeHtml(slug), ...legalLinks(brand.legal, words)].join(' · ')}</footer></body></html>`
}

function legalLinks(legal: SiteProfile['brand']['legal'], words: typeof portuguese): string[] {
  return (['imprint', 'privacy', 'terms'] as const).flatMap((kind) =>
    legal[kind] ? [`<a href="${escapeHtml(legal[kind])}">${words[kind]}</a>`] : [],
  )
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
  imprint: 'Ficha técnica',
  privacy: 'Privacidade',
  terms: 'Termos',
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
  imprint: 'Imprint',
  privacy: 'Privacy',
  terms: 'Terms',
}
