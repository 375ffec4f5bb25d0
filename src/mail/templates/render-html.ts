import { readFileSync } from 'node:fs'
import { Liquid } from 'liquidjs'
import { readableOn, readableShade } from '../../tenancy/contrast.ts'
import type { Language } from '../../tenancy/language.ts'
import type { MailSite } from '../outbox/mail-site.ts'
import { logoSize } from './logo-size.ts'
import type { WrittenText } from './write-text.ts'

export interface MailParts extends WrittenText {
  language: Language
  site: MailSite
  /** Of the button, where there is one: its address, what stands on it, and what stands above the bare address. */
  link: { href: string; label: string; otherwise: string } | undefined
  code: string | undefined
}

/** Everything that is put into the layout is escaped; it holds the only markup there is. */
const liquid = new Liquid({ outputEscape: 'escape', ownPropertyOnly: true, strictVariables: true, strictFilters: true, templates: {} })
const layout = liquid.parse(readFileSync(new URL('./layout.html', import.meta.url), 'utf8'))
/** The darker of the two grounds that links stand on. */
const ground = '#f1f2f4'

export function renderHtml({ subject, blocks, language, site, link, code }: MailParts): string {
  const { primary, accent } = site.brand.colors
  const html: unknown = liquid.renderSync(layout, {
    language,
    subject,
    preheader: preheaderOf(blocks),
    site_name: site.name,
    site_short_name: site.brand.shortName,
    site_origin: site.origin,
    site_host: new URL(site.origin).host,
    logo: (site.logo && logoSize(site.logo)) ?? null,
    primary,
    on_primary: readableOn(primary),
    accent,
    on_accent: readableOn(accent),
    link_color: readableShade(accent, ground),
    blocks: blocks.map((block) => (block.is === 'link' ? { ...block, ...link } : block.is === 'code' ? { ...block, code } : block)),
  })
  return String(html)
}

/** What mail programs show beside the subject: the first words that are no salutation. Blocks stay out of it, so that no code is on a locked screen. */
function preheaderOf(blocks: WrittenText['blocks']): string {
  const paragraphs = blocks.flatMap((block) => (block.is === 'words' ? block.paragraphs.map((lines) => lines.join(' ')) : []))
  const words = paragraphs.find((text) => !text.endsWith(',')) ?? ''
  return words.length > 150 ? `${words.slice(0, 149).toWellFormed()}…` : words
}
