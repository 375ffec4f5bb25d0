import type { MailKind } from '../../jobs/mail-kinds.ts'
import type { Language } from '../../tenancy/language.ts'
import { en } from './texts/en.ts'
import { fr } from './texts/fr.ts'
import type { MailTexts } from './texts/mail-texts.ts'
import { pt } from './texts/pt.ts'

/** What a site sends that has no words of its own. */
export const defaultTexts: Record<Language, MailTexts> = { pt, en, fr }

export function buttonLabel(kind: MailKind, language: Language): string {
  const buttons: Partial<Record<MailKind, string>> = defaultTexts[language].buttons
  return buttons[kind] ?? ''
}
