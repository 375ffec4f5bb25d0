import type { MailKind } from '../../jobs/mail-kinds.ts'
import type { Language } from '../../tenancy/language.ts'
import type { MailSite } from '../outbox/mail-site.ts'
import { buttonLabel, defaultTexts } from './default-texts.ts'
import { TextFault } from './liquid.ts'
import { renderHtml } from './render-html.ts'
import { renderPlain } from './render-plain.ts'
import { type TemplateValues, valuesOf } from './template-variables.ts'
import { type WrittenText, writeText } from './write-text.ts'

/** A mail before it is words. */
export interface Draft {
  kind: MailKind
  language: Language
  site: MailSite
  /** The kind's own variables, as the flow gave them. */
  variables: Record<string, string>
  /** Absolute address of the page that the mail leads to, for kinds that have one. */
  link?: string
  /** Six digits, for kinds that have a code. */
  code?: string
  /** The site's own words, where it has some. */
  override?: { subject: string; body: string }
}

export interface RenderedMail {
  subject: string
  html: string
  text: string
  /** Set where the site's own words could not be rendered, and the default was taken instead: why, in our words. */
  overrideFailure?: string
}

const longestSubject = 200

/** Never throws for what a tenant wrote: then the default is rendered. */
export async function renderMail(draft: Draft): Promise<RenderedMail> {
  const { kind, override } = draft
  const given = valuesOf(draft)
  if (override) {
    try {
      return finish(draft, given, writeText(kind, override, given))
    } catch (error) {
      if (!(error instanceof TextFault)) throw error
      return { ...byDefault(draft, given), overrideFailure: error.message }
    }
  }
  return byDefault(draft, given)
}

function byDefault(draft: Draft, given: TemplateValues): RenderedMail {
  return finish(draft, given, writeText(draft.kind, defaultTexts[draft.language].mails[draft.kind], given))
}

function finish({ kind, language, site }: Draft, { blocks: { link: href, code } }: TemplateValues, { subject, blocks }: WrittenText): RenderedMail {
  const label = buttonLabel(kind, language)
  const link = href ? { href, label, otherwise: defaultTexts[language].withoutButton } : undefined
  const parts = { subject: cut(subject), blocks, language, site, link, code }
  return { subject: parts.subject, html: renderHtml(parts), text: renderPlain(parts) }
}

/** A name may be longer than whoever wrote the subject thought. */
function cut(subject: string): string {
  const characters = [...subject]
  return characters.length > longestSubject ? `${characters.slice(0, longestSubject - 1).join('')}…` : subject
}
