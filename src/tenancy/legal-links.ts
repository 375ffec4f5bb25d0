import type { BrandSpec } from './brand/brand-spec.ts'
import { escapeHtml } from './escape-html.ts'
import type { Language } from './language.ts'

/** Addresses of a site's legal pages, as far as it has them. */
export type Legal = Partial<BrandSpec['legal']>

const words: Record<Language, Record<keyof Legal, string>> = {
  pt: { imprint: 'Ficha técnica', privacy: 'Privacidade', terms: 'Termos' },
  en: { imprint: 'Imprint', privacy: 'Privacy', terms: 'Terms' },
  fr: { imprint: 'Mentions légales', privacy: 'Confidentialité', terms: 'Conditions' },
}

/** HTML of a link to each. */
export function renderLegalLinks(legal: Legal, language: Language): string[] {
  return (['imprint', 'privacy', 'terms'] as const).flatMap((kind) => {
    const address = legal[kind]
    return address ? [`<a href="${escapeHtml(address)}">${words[language][kind]}</a>`] : []
  })
}
