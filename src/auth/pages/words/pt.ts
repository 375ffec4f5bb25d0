/** Portuguese as written in São Tomé and Príncipe and in Portugal. The other languages say the same, key by key. */
export const pt = {
  fields: {
    email: 'Endereço de e-mail',
    name: 'Nome',
    password: 'Palavra-passe',
    code: 'Código de seis algarismos',
    currentPassword: 'Palavra-passe',
    recoveryCode: 'Código de recuperação',
  },
  passwordHint: 'Pelo menos 10 caracteres. Três ou quatro palavras seguidas servem bem.',
  newPassword: 'Nova palavra-passe',
  signIn: {
    title: 'Entrar',
    submit: 'Entrar',
    byMail: 'Entrar com um código enviado por e-mail',
    forgot: 'Esqueci a palavra-passe',
    signUp: 'Criar conta',
  },
  secondFactor: {
    title: 'Confirme que é você',
    intro: 'Escreva o código que a sua aplicação de autenticação mostra agora.',
    submit: 'Confirmar',
    recovery: 'Não tem o aparelho consigo? Use um dos seus códigos de recuperação.',
    useRecovery: 'Usar o código de recuperação',
  },
  menu: { label: 'Conta', overview: 'Conta', profile: 'Perfil', security: 'Segurança', sessions: 'Sessões', signOut: 'Sair' },
  operator: (reason: string) => `Um operador da plataforma está a agir nesta conta. Motivo: ${reason}`,
  overview: {
    title: 'A sua conta',
    name: 'Nome',
    email: 'Endereço de e-mail',
    roles: 'Funções',
    none: 'nenhuma',
  },
  signedOut: { title: 'Sessão terminada', text: 'Terminou a sessão neste aparelho.', again: 'Entrar de novo' },
  signUp: {
    title: 'Criar conta',
    submit: 'Criar conta',
    forgot: 'Já tenho conta e esqueci a palavra-passe',
    closed: 'Neste site as contas são criadas por convite, ou por quem o gere.',
    signIn: 'Já tenho conta: entrar',
  },
  enter: {
    title: 'Entrar como membro',
    intro: 'Vai agir neste site em nome de um membro, durante meia hora. O membro e os proprietários do site recebem uma mensagem com o motivo.',
    submit: 'Entrar',
    open: 'Abra esta página a partir da consola.',
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
  home: 'Voltar ao site',
  failed: 'Ainda não está bem',
  faults: {
    email: 'Escreva um endereço de e-mail completo, como nome@exemplo.st.',
    domain: 'Este site só aceita endereços de certos domínios. Use o endereço da sua organização.',
    name: 'Escreva o seu nome numa só linha.',
    password: 'A palavra-passe tem de ter entre 10 e 128 caracteres.',
    weak: {
      short: 'A palavra-passe tem de ter pelo menos 10 caracteres.',
      long: 'A palavra-passe pode ter até 128 caracteres.',
      personal: 'A palavra-passe não pode conter o seu nome, o seu endereço nem o nome do site.',
      common: 'Esta palavra-passe é das mais usadas e adivinha-se depressa. Escolha outra.',
      breached: 'Esta palavra-passe já apareceu em fugas de dados. Escolha outra.',
    },
    code: 'O código tem seis algarismos.',
    currentPassword: 'Escreva a sua palavra-passe.',
    recoveryCode: 'O código de recuperação tem dez letras e algarismos.',
    credentials: 'O endereço ou a palavra-passe não estão certos.',
    form: 'O formulário não chegou como devia. Tente de novo.',
    challenge: 'A ligação ou o código está errado, já foi usado ou expirou. Peça outra mensagem.',
    busy: 'Neste momento não foi possível. Tente de novo daqui a pouco.',
    wait: (seconds: number) =>
      `Foram demasiados pedidos. Espere ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutos`} e tente de novo.`,
  },
}

export type Words = typeof pt
