import type { Language } from '../tenancy/language.ts'
import type { FaultRule } from './validate-entry.ts'

const portuguese = {
  title: 'Contacto',
  intro: 'Escreva-nos. Respondemos para o endereço que indicar.',
  optional: 'opcional',
  choose: 'Escolha…',
  submit: 'Enviar',
  trap: 'Deixe este campo vazio',
  sent: { title: 'Mensagem recebida', text: 'Obrigado. A sua mensagem chegou até nós.' },
  home: 'Voltar ao site',
  failed: 'Ainda não está bem',
  faults: {
    missing: 'falta preencher',
    unknown: 'não faz parte deste formulário',
    empty: 'falta preencher',
    long: 'o texto é demasiado longo',
    choice: 'escolha uma das opções',
    email: 'escreva um endereço de e-mail completo, como nome@exemplo.st',
    link: 'escreva um endereço que comece por https://',
    date: 'escreva uma data, como 2026-11-24',
    type: 'não é o que se espera aqui',
    deep: 'não é o que se espera aqui',
    other: 'não é o que se espera aqui',
  } satisfies Record<FaultRule, string>,
  atMost: (limit: number) => `o texto é demasiado longo: pode ter até ${limit} caracteres`,
  form: 'O formulário não chegou como devia. Tente de novo.',
  wait: (seconds: number) => `Foram demasiadas mensagens. Espere ${seconds} s e envie de novo: o que escreveu está aqui em baixo.`,
  busy: 'Neste momento não foi possível. Envie de novo daqui a pouco: o que escreveu está aqui em baixo.',
}

export type ContactWords = typeof portuguese

const english: ContactWords = {
  title: 'Contact',
  intro: 'Write to us. We answer to the address that you give.',
  optional: 'optional',
  choose: 'Choose…',
  submit: 'Send',
  trap: 'Leave this field empty',
  sent: { title: 'Message received', text: 'Thank you. Your message has reached us.' },
  home: 'Back to the site',
  failed: 'Not quite yet',
  faults: {
    missing: 'please fill this in',
    unknown: 'is no part of this form',
    empty: 'please fill this in',
    long: 'the text is too long',
    choice: 'choose one of the options',
    email: 'write a complete email address, such as name@example.st',
    link: 'write an address that begins with https://',
    date: 'write a date, such as 2026-11-24',
    type: 'is not what is expected here',
    deep: 'is not what is expected here',
    other: 'is not what is expected here',
  },
  atMost: (limit) => `the text is too long: it can have up to ${limit} characters`,
  form: 'The form did not arrive as it should. Try again.',
  wait: (seconds) => `Those were too many messages. Wait ${seconds} s and send again: what you wrote is below.`,
  busy: 'This is not possible right now. Send again in a moment: what you wrote is below.',
}

const french: ContactWords = {
  title: 'Contact',
  intro: 'Écrivez-nous. Nous répondons à l’adresse que vous indiquez.',
  optional: 'facultatif',
  choose: 'Choisissez…',
  submit: 'Envoyer',
  trap: 'Laissez ce champ vide',
  sent: { title: 'Message reçu', text: 'Merci. Votre message nous est parvenu.' },
  home: 'Retour au site',
  failed: 'Pas tout à fait',
  faults: {
    missing: 'à remplir',
    unknown: 'ne fait pas partie de ce formulaire',
    empty: 'à remplir',
    long: 'le texte est trop long',
    choice: 'choisissez une des options',
    email: 'saisissez une adresse e-mail complète, comme nom@exemple.st',
    link: 'saisissez une adresse qui commence par https://',
    date: 'saisissez une date, comme 2026-11-24',
    type: 'ce n’est pas ce qui est attendu ici',
    deep: 'ce n’est pas ce qui est attendu ici',
    other: 'ce n’est pas ce qui est attendu ici',
  },
  atMost: (limit) => `le texte est trop long : il peut compter jusqu’à ${limit} caractères`,
  form: 'Le formulaire n’est pas arrivé comme prévu. Réessayez.',
  wait: (seconds) => `Trop de messages. Attendez ${seconds} s et envoyez de nouveau : ce que vous avez écrit est ci-dessous.`,
  busy: 'Ce n’est pas possible pour l’instant. Envoyez de nouveau dans un moment : ce que vous avez écrit est ci-dessous.',
}

/** What the contact page says around the form, whose own words are the site's. */
export const contactWords: Record<Language, ContactWords> = { pt: portuguese, en: english, fr: french }
