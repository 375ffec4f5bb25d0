import type { TranslationKeys } from '@zxcvbn-ts/core'

/** zxcvbn speaks the Portuguese of Brazil; this is that of the sites. */
export const portugueseHints: Pick<TranslationKeys, 'warnings' | 'suggestions'> = {
  warnings: {
    straightRow: 'As teclas seguidas do teclado adivinham-se depressa.',
    keyPattern: 'Os desenhos curtos no teclado adivinham-se depressa.',
    simpleRepeat: 'Os caracteres repetidos, como «aaa», adivinham-se depressa.',
    extendedRepeat: 'As repetições, como «abcabcabc», adivinham-se depressa.',
    sequences: 'As sequências, como «abc», adivinham-se depressa.',
    recentYears: 'Os anos recentes adivinham-se depressa.',
    dates: 'As datas adivinham-se depressa.',
    topTen: 'É uma das palavras-passe mais usadas de todas.',
    topHundred: 'É uma palavra-passe muito usada.',
    common: 'É uma palavra-passe comum.',
    similarToCommon: 'É parecida com uma palavra-passe comum.',
    wordByItself: 'Uma palavra sozinha adivinha-se depressa.',
    namesByThemselves: 'Um nome ou apelido sozinho adivinha-se depressa.',
    commonNames: 'Os nomes e apelidos comuns adivinham-se depressa.',
    userInputs: 'Não deve ter nada de pessoal nem do site.',
    pwned: 'Esta palavra-passe já apareceu em fugas de dados.',
  },
  suggestions: {
    l33t: 'Evite trocas previsíveis, como «@» por «a».',
    reverseWords: 'Evite palavras comuns escritas ao contrário.',
    allUppercase: 'Ponha em maiúsculas algumas letras, mas não todas.',
    capitalization: 'Ponha em maiúsculas mais do que a primeira letra.',
    dates: 'Evite datas e anos ligados a si.',
    recentYears: 'Evite anos recentes.',
    associatedYears: 'Evite anos ligados a si.',
    sequences: 'Evite sequências de caracteres comuns.',
    repeated: 'Evite palavras e caracteres repetidos.',
    longerKeyboardPattern: 'Use desenhos mais longos no teclado e mude várias vezes de direção.',
    anotherWord: 'Junte mais palavras, menos comuns.',
    useWords: 'Use várias palavras, mas evite frases feitas.',
    noNeed: 'Não precisa de símbolos, números nem maiúsculas para uma boa palavra-passe.',
    pwned: 'Se a usa noutro sítio, mude-a lá também.',
  },
}
