import { parentPort } from 'node:worker_threads'
import { type TranslationKeys, ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import * as french from '@zxcvbn-ts/language-fr'
import * as portuguese from '@zxcvbn-ts/language-pt-br'
import { portugueseHints } from './hint-words-pt.ts'
import type { HintQuestion, PasswordHint } from './password-hints.ts'

/** Without translations zxcvbn answers their keys, so one set of word lists serves every language. */
const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary, ...french.dictionary, ...portuguese.dictionary },
  graphs: common.adjacencyGraphs,
  // Of the default of 100 most of the time is spent on, for texts made of look-alikes alone.
  l33tMaxSubstitutions: 10,
})

type Said = Pick<TranslationKeys, 'warnings' | 'suggestions'>

const translations: Record<HintQuestion['language'], Said> = { pt: portugueseHints, en: english.translations, fr: french.translations }

parentPort?.on('message', (question: HintQuestion) => parentPort?.postMessage(hintOf(question)))
parentPort?.postMessage('ready')

function hintOf({ password, language, words }: HintQuestion): PasswordHint {
  const { score, feedback } = zxcvbn.check(password, [...words])
  const said = translations[language]
  const sentence = (group: Record<string, string>, key: string) => group[key] ?? key
  return {
    score,
    warning: feedback.warning ? sentence(said.warnings, feedback.warning) : '',
    suggestions: feedback.suggestions.map((key) => sentence(said.suggestions, key)),
  }
}
