import { type MailTexts, paragraphs } from './mail-texts.ts'

const hello = 'Olá, {{ name }},'
const regards = 'Com os melhores cumprimentos,\n{{ site_name }}'
const lives = 'A ligação é válida durante {{ link_life }} e o código durante {{ code_life }}. Não os partilhe com ninguém.'
const resetAll = 'Defina já uma nova palavra-passe; todas as sessões abertas serão terminadas:'

/** Portuguese as written in São Tomé and Príncipe and in Portugal, with the spelling of 1990. */
export const pt: MailTexts = {
  mails: {
    'verify-email': {
      subject: '{{ site_short_name }}: confirme o seu endereço de e-mail',
      body: paragraphs(
        'Olá,',
        'Agradecemos o seu registo no nosso site. Para o concluir, abra esta página, escolha a palavra-passe da sua conta e confirme:',
        '{{ link }}',
        'Ou escreva este código na página onde se registou, se ainda a tiver aberta:',
        '{{ code }}',
        lives,
        'Se não fez este registo, ignore esta mensagem: sem a confirmação, a conta não será criada.',
        regards,
      ),
    },
    'sign-up-again': {
      subject: '{{ site_short_name }}: já tem uma conta',
      body: paragraphs(
        'Olá,',
        'Recebemos um pedido de registo com este endereço de e-mail, mas já existe uma conta com ele.',
        'Se o pedido foi seu, inicie sessão como habitualmente. Se não se lembra da palavra-passe, pode definir uma nova:',
        '{{ link }}',
        'Se não fez este pedido, não precisa de fazer nada: a sua conta não foi alterada.',
        regards,
      ),
    },
    'sign-in': {
      subject: '{{ site_short_name }}: iniciar sessão',
      body: paragraphs(
        'Olá,',
        'Recebemos um pedido para iniciar sessão na sua conta. Para continuar, abra esta página:',
        '{{ link }}',
        'Ou escreva este código na página onde fez o pedido:',
        '{{ code }}',
        'A ligação e o código são válidos durante {{ code_life }} e só podem ser usados uma vez. Não os partilhe com ninguém.',
        'Se não fez este pedido, ignore esta mensagem: sem a ligação ou o código, ninguém entra na sua conta.',
        regards,
      ),
    },
    'reset-password': {
      subject: '{{ site_short_name }}: definir uma nova palavra-passe',
      body: paragraphs(
        hello,
        'Recebemos um pedido para definir uma nova palavra-passe para a sua conta. Pode fazê-lo nesta página:',
        '{{ link }}',
        'Ou escreva este código na página onde fez o pedido:',
        '{{ code }}',
        lives,
        'Se não fez este pedido, ignore esta mensagem: a sua palavra-passe continua a ser a mesma.',
        regards,
      ),
    },
    'password-changed': {
      subject: '{{ site_short_name }}: a sua palavra-passe foi alterada',
      body: paragraphs(
        hello,
        'A palavra-passe da sua conta foi alterada.',
        'Data: {{ when }}\nAparelho: {{ device }}',
        'Se fez esta alteração, não precisa de fazer mais nada.',
        `Se não a fez, alguém pode ter entrado na sua conta. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'email-change-old': {
      subject: '{{ site_short_name }}: pedido para mudar o seu endereço de e-mail',
      body: paragraphs(
        hello,
        'Recebemos um pedido para mudar o endereço de e-mail da sua conta para {{ new_address }}.',
        'Se fez este pedido, siga as indicações da mensagem que enviámos para o novo endereço.',
        'Se não o fez, mantenha aqui o endereço atual e defina depois uma nova palavra-passe:',
        '{{ link }}',
        'Se a página lhe pedir um código, escreva este:',
        '{{ code }}',
        lives,
        regards,
      ),
    },
    'email-change-new': {
      subject: '{{ site_short_name }}: confirme o seu novo endereço de e-mail',
      body: paragraphs(
        hello,
        'Recebemos um pedido para usar este endereço de e-mail na sua conta. Confirme que lhe pertence:',
        '{{ link }}',
        'Ou escreva este código na página onde pediu a mudança:',
        '{{ code }}',
        lives,
        'Se não fez este pedido, ignore esta mensagem: o endereço da conta não será alterado.',
        regards,
      ),
    },
    'new-device': {
      subject: '{{ site_short_name }}: início de sessão num aparelho novo',
      body: paragraphs(
        hello,
        'Foi iniciada uma sessão na sua conta a partir de um aparelho que ainda não conhecíamos.',
        'Data: {{ when }}\nAparelho: {{ device }}',
        'Se reconhece este início de sessão, não precisa de fazer nada.',
        `Se não o reconhece, alguém pode saber a sua palavra-passe. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'session-reused': {
      subject: '{{ site_short_name }}: terminámos uma sessão por segurança',
      body: paragraphs(
        hello,
        'Uma sessão da sua conta foi usada em dois sítios ao mesmo tempo, o que pode significar que alguém a copiou. Por segurança, terminámo-la.',
        'Data: {{ when }}',
        'Para continuar, basta iniciar sessão de novo.',
        `Se notar algo que não reconhece na sua conta, alguém pode ter entrado nela. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    invitation: {
      subject: '{{ site_short_name }}: convite de {{ inviter }}',
      body: paragraphs(
        'Olá,',
        'Recebeu um convite de {{ inviter }} para colaborar connosco, com a função «{{ role }}». Para o aceitar, abra esta página:',
        '{{ link }}',
        'Se a página lhe pedir um código, escreva este:',
        '{{ code }}',
        lives,
        'Se não esperava este convite, ignore esta mensagem: sem a sua aceitação, nada acontece.',
        regards,
      ),
    },
    'contact-notice': {
      subject: '{{ site_short_name }}: nova mensagem em «{{ form }}»',
      body: paragraphs(
        'Chegou uma nova mensagem pelo formulário «{{ form }}»{% if sender %}, enviada por {{ sender }}{% endif %}:',
        '{{ message }}',
        '{% if sender %}Se responder a este e-mail, a resposta segue para {{ sender }}. {% endif %}O endereço e o texto são de quem escreveu e não foram verificados: tenha cuidado com ligações e pedidos de dados.',
      ),
    },
    'contact-acknowledgement': {
      subject: '{{ site_short_name }}: recebemos a sua mensagem',
      body: paragraphs(
        'Olá,',
        'Recebemos a mensagem que nos enviou pelo formulário «{{ form }}». Agradecemos o seu contacto e responderemos logo que possível.',
        'Se não nos escreveu, ignore esta mensagem: alguém terá indicado este endereço por engano.',
        regards,
      ),
    },
    test: {
      subject: '{{ site_short_name }}: mensagem de teste',
      body: paragraphs(
        'Esta é uma mensagem de teste, pedida por {{ requested_by }}.',
        'Se a recebeu, o envio de e-mails do site está a funcionar.',
        'Se não a esperava, pode ignorá-la.',
        regards,
      ),
    },
  },
  buttons: {
    'verify-email': 'Escolher a palavra-passe',
    'sign-up-again': 'Definir nova palavra-passe',
    'sign-in': 'Iniciar sessão',
    'reset-password': 'Definir nova palavra-passe',
    'password-changed': 'Definir nova palavra-passe',
    'email-change-old': 'Manter o endereço atual',
    'email-change-new': 'Confirmar o novo endereço',
    'new-device': 'Definir nova palavra-passe',
    'session-reused': 'Definir nova palavra-passe',
    invitation: 'Aceitar o convite',
  },
  withoutButton: 'Se o botão não funcionar, copie este endereço para o navegador:',
  samples: {
    name: 'Maria das Neves',
    device: 'Firefox, Android',
    new_address: 'm•••@exemplo.st',
    inviter: 'João Trovoada',
    role: 'Redação',
    form: 'Fale connosco',
    sender: 'cidada@exemplo.st',
    message: 'Nome: Ana d’Alva\n\nBom dia! A que horas abre o atendimento ao público na sexta-feira?',
    requested_by: 'secretaria@exemplo.st',
  },
}
