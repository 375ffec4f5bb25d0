import type { Language } from '../../tenancy/language.ts'

const portuguese = {
  fields: {
    email: 'Endereço de e-mail',
    name: 'Nome',
    password: 'Palavra-passe',
    code: 'Código de seis algarismos',
  },
  passwordHint: 'Pelo menos 10 caracteres. Três ou quatro palavras seguidas servem bem.',
  newPassword: 'Nova palavra-passe',
  signUp: {
    title: 'Criar conta',
    submit: 'Criar conta',
    forgot: 'Já tenho conta e esqueci a palavra-passe',
  },
  sent: {
    title: 'Veja o seu correio',
    signUp: (email: string) =>
      `Enviámos uma mensagem para ${email}. Escreva aqui o código que ela traz, ou abra a ligação e escolha lá a palavra-passe.`,
    reset: (email: string) =>
      `Se houver uma conta com o endereço ${email}, enviámos-lhe uma mensagem. Abra a ligação que ela traz, ou escreva aqui o código.`,
    late: 'Não chegou nada? Veja no correio não solicitado e espere uns minutos antes de pedir outra mensagem.',
    codeLife: 'O código vale dez minutos.',
  },
  verify: {
    title: 'Confirmar o endereço',
    choose:
      'Falta um passo: escolha a palavra-passe da sua conta. Pedimo-la aqui, mesmo que já tenha indicado uma, para que só a conheça quem recebeu a nossa mensagem.',
    submit: 'Confirmar',
    open: 'Abra a ligação da mensagem que lhe enviámos.',
    again: 'Pedir uma conta',
    doneTitle: 'Conta criada',
    done: (email: string) => `O endereço ${email} está confirmado. Já pode entrar com a sua palavra-passe.`,
  },
  forgot: {
    title: 'Recuperar a palavra-passe',
    intro: 'Diga-nos o endereço da sua conta. Enviamos-lhe uma mensagem com que pode escolher outra palavra-passe.',
    submit: 'Enviar a mensagem',
    signUp: 'Ainda não tenho conta',
  },
  reset: {
    title: 'Escolher outra palavra-passe',
    submit: 'Guardar a palavra-passe',
    open: 'Abra a ligação da mensagem que lhe enviámos.',
    again: 'Pedir outra mensagem',
    doneTitle: 'Palavra-passe alterada',
    done: 'Pode entrar com a nova palavra-passe. As sessões que estavam abertas foram terminadas.',
  },
  enter: {
    title: 'Entrar como membro',
    intro: 'Vai agir neste site em nome de um membro, durante meia hora. O membro e os proprietários do site recebem uma mensagem com o motivo.',
    submit: 'Entrar',
    open: 'Abra esta página a partir da consola.',
  },
  home: 'Voltar ao site',
  failed: 'Ainda não está bem',
  faults: {
    email: 'Escreva um endereço de e-mail completo, como nome@exemplo.st.',
    name: 'Escreva o seu nome numa só linha.',
    password: 'A palavra-passe tem de ter entre 10 e 128 caracteres.',
    code: 'O código tem seis algarismos.',
    form: 'O formulário não chegou como devia. Tente de novo.',
    challenge: 'A ligação ou o código está errado, já foi usado ou expirou. Peça outra mensagem.',
    busy: 'Neste momento não foi possível. Tente de novo daqui a pouco.',
    wait: (seconds: number) =>
      `Foram demasiados pedidos. Espere ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutos`} e tente de novo.`,
  },
}

export type Words = typeof portuguese

const english: Words = {
  fields: { email: 'Email address', name: 'Name', password: 'Password', code: 'Six-digit code' },
  passwordHint: 'At least 10 characters. Three or four words in a row do well.',
  newPassword: 'New password',
  signUp: { title: 'Create an account', submit: 'Create the account', forgot: 'I have an account and forgot the password' },
  sent: {
    title: 'Check your mail',
    signUp: (email) => `We have sent a mail to ${email}. Type its code here, or open the link in it and choose your password there.`,
    reset: (email) => `If there is an account with the address ${email}, we have sent it a mail. Open the link in it, or type its code here.`,
    late: 'Nothing there? Look among the unwanted mail, and give it a few minutes before you ask for another.',
    codeLife: 'The code is good for ten minutes.',
  },
  verify: {
    title: 'Confirm your address',
    choose:
      'One step to go: choose the password for your account. We ask for it here, even if you gave one before, so that only the reader of our mail knows it.',
    submit: 'Confirm',
    open: 'Open the link in the mail that we sent you.',
    again: 'Ask for an account',
    doneTitle: 'Account created',
    done: (email) => `The address ${email} is confirmed. You can now sign in with your password.`,
  },
  forgot: {
    title: 'Forgotten password',
    intro: 'Tell us the address of your account. We send it a mail that lets you choose another password.',
    submit: 'Send the mail',
    signUp: 'I have no account yet',
  },
  reset: {
    title: 'Choose another password',
    submit: 'Keep this password',
    open: 'Open the link in the mail that we sent you.',
    again: 'Ask for another mail',
    doneTitle: 'Password changed',
    done: 'You can sign in with the new password. The sessions that were open have been ended.',
  },
  enter: {
    title: 'Enter as a member',
    intro:
      'You are about to act in this site as one of its members, for half an hour. The member and the owners of the site get a mail with the reason.',
    submit: 'Enter',
    open: 'Open this page from the console.',
  },
  home: 'Back to the site',
  failed: 'Not quite yet',
  faults: {
    email: 'Write a complete email address, such as name@example.st.',
    name: 'Write your name, on one line.',
    password: 'The password has to have between 10 and 128 characters.',
    code: 'The code has six digits.',
    form: 'The form did not arrive as it should. Try again.',
    challenge: 'The link or code is wrong, was used before, or has expired. Ask for another mail.',
    busy: 'This is not possible right now. Try again in a moment.',
    wait: (seconds) => `Those were too many requests. Wait ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`} and try again.`,
  },
}

const french: Words = {
  fields: { email: 'Adresse e-mail', name: 'Nom', password: 'Mot de passe', code: 'Code à six chiffres' },
  passwordHint: 'Au moins 10 caractères. Trois ou quatre mots à la suite conviennent bien.',
  newPassword: 'Nouveau mot de passe',
  signUp: { title: 'Créer un compte', submit: 'Créer le compte', forgot: 'J’ai un compte et j’ai oublié le mot de passe' },
  sent: {
    title: 'Consultez vos e-mails',
    signUp: (email) =>
      `Nous avons envoyé un message à ${email}. Saisissez ici son code, ou ouvrez le lien qu’il contient et choisissez-y votre mot de passe.`,
    reset: (email) =>
      `S’il existe un compte avec l’adresse ${email}, nous lui avons envoyé un message. Ouvrez le lien qu’il contient, ou saisissez ici son code.`,
    late: 'Rien reçu ? Regardez dans le courrier indésirable, et patientez quelques minutes avant d’en demander un autre.',
    codeLife: 'Le code est valable dix minutes.',
  },
  verify: {
    title: 'Confirmer l’adresse',
    choose:
      'Encore une étape\u00a0: choisissez le mot de passe de votre compte. Nous le demandons ici, même si vous en avez déjà indiqué un, afin que seule la personne qui a reçu notre message le connaisse.',
    submit: 'Confirmer',
    open: 'Ouvrez le lien du message que nous vous avons envoyé.',
    again: 'Demander un compte',
    doneTitle: 'Compte créé',
    done: (email) => `L’adresse ${email} est confirmée. Vous pouvez maintenant vous connecter avec votre mot de passe.`,
  },
  forgot: {
    title: 'Mot de passe oublié',
    intro: 'Indiquez l’adresse de votre compte. Nous lui envoyons un message qui permet de choisir un autre mot de passe.',
    submit: 'Envoyer le message',
    signUp: 'Je n’ai pas encore de compte',
  },
  reset: {
    title: 'Choisir un autre mot de passe',
    submit: 'Enregistrer le mot de passe',
    open: 'Ouvrez le lien du message que nous vous avons envoyé.',
    again: 'Demander un autre message',
    doneTitle: 'Mot de passe modifié',
    done: 'Vous pouvez vous connecter avec le nouveau mot de passe. Les sessions ouvertes ont été fermées.',
  },
  enter: {
    title: 'Entrer en tant que membre',
    intro:
      'Vous allez agir sur ce site au nom d’un membre, pendant une demi-heure. Le membre et les propriétaires du site reçoivent un message avec le motif.',
    submit: 'Entrer',
    open: 'Ouvrez cette page depuis la console.',
  },
  home: 'Retour au site',
  failed: 'Pas tout à fait',
  faults: {
    email: 'Saisissez une adresse e-mail complète, comme nom@exemple.st.',
    name: 'Saisissez votre nom, sur une seule ligne.',
    password: 'Le mot de passe doit compter entre 10 et 128 caractères.',
    code: 'Le code compte six chiffres.',
    form: 'Le formulaire n’est pas arrivé comme prévu. Réessayez.',
    challenge: 'Le lien ou le code est erroné, a déjà servi ou a expiré. Demandez un autre message.',
    busy: 'Ce n’est pas possible pour l’instant. Réessayez dans un moment.',
    wait: (seconds) => `Trop de demandes. Attendez ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`} et réessayez.`,
  },
}

/** What account pages say. */
export const words: Record<Language, Words> = { pt: portuguese, en: english, fr: french }
