import type { Language } from '../../tenancy/language.ts'
import { en } from './words/en.ts'
import { fr } from './words/fr.ts'
import { type Words as PortugueseWords, pt } from './words/pt.ts'

export type Words = PortugueseWords

/** What account pages say. */
export const words: Record<Language, Words> = { pt, en, fr }
