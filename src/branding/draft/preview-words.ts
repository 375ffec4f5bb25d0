import type { Language } from '../../tenancy/language.ts'

const english = {
  notice: 'A notice stands out like this.',
  heading: 'A heading',
  text: 'This is how text is read on your pages.',
  link: 'This is a link.',
  field: 'A field',
  hint: 'What to write into it',
  button: 'A button',
  other: 'Another one',
}

const portuguese: typeof english = {
  notice: 'Um aviso destaca-se assim.',
  heading: 'Um título',
  text: 'É assim que o texto se lê nas suas páginas.',
  link: 'Isto é uma ligação.',
  field: 'Um campo',
  hint: 'O que escrever nele',
  button: 'Um botão',
  other: 'Outro',
}

const french: typeof english = {
  notice: 'Un avis ressort ainsi.',
  heading: 'Un titre',
  text: 'Voici comment le texte se lit sur vos pages.',
  link: 'Ceci est un lien.',
  field: 'Un champ',
  hint: 'Ce qu’il faut y écrire',
  button: 'Un bouton',
  other: 'Un autre',
}

export const previewWords: Record<Language, typeof english> = { en: english, pt: portuguese, fr: french }
