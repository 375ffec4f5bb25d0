import { type MailKind, type MailKindDefinition, mailKinds, secretsOf } from '../../jobs/mail-kinds.ts'
import type { Language } from '../../tenancy/language.ts'
import type { MailSite } from '../outbox/mail-site.ts'
import { defaultTexts } from './default-texts.ts'
import { findUnknownVariables, TextFault } from './liquid.ts'
import type { Draft } from './render-mail.ts'
import { valuesOf, variablesOf } from './template-variables.ts'
import type { MailText } from './texts/mail-texts.ts'
import { writeBody, writeSubject } from './write-text.ts'

export interface TemplateIssue {
  path: '/subject' | '/body'
  message: string
}

const longestSubject = 200

/** All that stands against a site's own text, found by looking at it and by filling it in once. */
export function checkTemplate(text: MailText, draft: Draft): TemplateIssue[] {
  const variables = variablesOf(draft.kind)
  const [inBody, inSubject] = [variables, variables.filter((variable) => variable.inSubject)].map((some) => some.map(({ name }) => name))
  const given = valuesOf(draft)
  return [
    ...faultsOf('/subject', text.subject, inSubject ?? [], () => requireLength(writeSubject(text.subject, given))),
    ...faultsOf('/body', text.body, inBody ?? [], () => writeBody(draft.kind, text.body, given)),
  ]
}

/** A mail of a kind as it might be. */
export function sampleDraft(kind: MailKind, language: Language, site: MailSite): Draft {
  const { page, secret }: MailKindDefinition = mailKinds[kind]
  const link = page && `${site.origin}${page}${secret ? `?token=${'sample-'.repeat(7).slice(0, 43)}` : ''}`
  return {
    kind,
    language,
    site,
    variables: { ...defaultTexts[language].samples, when: new Date().toISOString() },
    ...(link ? { link } : {}),
    ...(secretsOf(kind).includes('code') ? { code: '123456' } : {}),
  }
}

/** Filling in meets only the first unknown variable, and none in branches that the sample does not take. */
function faultsOf(path: TemplateIssue['path'], source: string, names: string[], fillIn: () => unknown): TemplateIssue[] {
  try {
    const unknown = findUnknownVariables(source, names)
    if (unknown.length > 0) return unknown.map(({ message }) => ({ path, message }))
    fillIn()
    return []
  } catch (error) {
    if (!(error instanceof TextFault)) throw error
    return [{ path, message: error.message }]
  }
}

function requireLength(subject: string): void {
  if ([...subject].length > longestSubject) throw new TextFault(`It becomes longer than ${longestSubject} characters.`)
}
