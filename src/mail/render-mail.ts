import type { MailKind } from '../jobs/mail-kinds.ts'
import type { Language } from '../tenancy/language.ts'
import type { MailSite } from './mail-site.ts'

/** A mail before it is words. */
export interface Draft {
  kind: MailKind
  language: Language
  site: MailSite
  /** The kind's own variables, as the flow gave them. */
  variables: Record<string, string>
  /** Absolute address of the page that the mail leads to, for kinds that have one. */
  link?: string
  /** Six digits, for kinds with a secret. */
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

/** Never throws for what a tenant wrote: then the default is rendered. */
export async function renderMail(_draft: Draft): Promise<RenderedMail> {
  throw new TypeError('not written yet')
}
