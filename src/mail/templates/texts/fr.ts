import { type MailTexts, paragraphs } from './mail-texts.ts'

const hello = 'Bonjour {{ name }},'
const regards = 'Cordialement,\n{{ site_name }}'
const lives = 'Le lien est valable {{ link_life }} et le code {{ code_life }}. Ne les communiquez à personne.'
const resetAll = 'Choisissez dès maintenant un nouveau mot de passe\u00a0; toutes les sessions ouvertes seront fermées\u00a0:'

/** With no-break spaces before the double punctuation marks and inside quotation marks, as French has them. */
export const fr: MailTexts = {
  mails: {
    'verify-email': {
      subject: '{{ site_short_name }}\u00a0: confirmez votre adresse e-mail',
      body: paragraphs(
        'Bonjour,',
        'Merci de votre inscription sur notre site. Pour la terminer, ouvrez cette page, choisissez le mot de passe de votre compte et confirmez\u00a0:',
        '{{ link }}',
        'Ou saisissez ce code sur la page où vous vous êtes inscrit(e), si elle est encore ouverte\u00a0:',
        '{{ code }}',
        lives,
        'Si vous n’êtes pas à l’origine de cette inscription, ignorez ce message\u00a0: sans confirmation, aucun compte ne sera créé.',
        regards,
      ),
    },
    'sign-up-again': {
      subject: '{{ site_short_name }}\u00a0: vous avez déjà un compte',
      body: paragraphs(
        'Bonjour,',
        'Nous avons reçu une demande d’inscription avec cette adresse e-mail, mais un compte l’utilise déjà.',
        'Si cette demande vient de vous, connectez-vous comme d’habitude. Si vous avez oublié votre mot de passe, vous pouvez en choisir un nouveau\u00a0:',
        '{{ link }}',
        'Si elle ne vient pas de vous, vous n’avez rien à faire\u00a0: votre compte n’a pas été modifié.',
        regards,
      ),
    },
    'sign-in': {
      subject: '{{ site_short_name }}\u00a0: connexion',
      body: paragraphs(
        'Bonjour,',
        'Nous avons reçu une demande de connexion à votre compte. Pour continuer, ouvrez cette page\u00a0:',
        '{{ link }}',
        'Ou saisissez ce code sur la page où vous avez fait la demande\u00a0:',
        '{{ code }}',
        'Le lien et le code sont valables {{ code_life }} et ne servent qu’une fois. Ne les communiquez à personne.',
        'Si cette demande ne vient pas de vous, ignorez ce message\u00a0: sans le lien ou le code, personne n’accède à votre compte.',
        regards,
      ),
    },
    'reset-password': {
      subject: '{{ site_short_name }}\u00a0: choisir un nouveau mot de passe',
      body: paragraphs(
        hello,
        'Nous avons reçu une demande de nouveau mot de passe pour votre compte. Vous pouvez le choisir sur cette page\u00a0:',
        '{{ link }}',
        'Ou saisissez ce code sur la page où vous avez fait la demande\u00a0:',
        '{{ code }}',
        lives,
        'Si cette demande ne vient pas de vous, ignorez ce message\u00a0: votre mot de passe reste le même.',
        regards,
      ),
    },
    'password-changed': {
      subject: '{{ site_short_name }}\u00a0: votre mot de passe a été modifié',
      body: paragraphs(
        hello,
        'Le mot de passe de votre compte a été modifié.',
        'Date\u00a0: {{ when }}\nAppareil\u00a0: {{ device }}',
        'Si vous avez fait cette modification, vous n’avez rien d’autre à faire.',
        `Sinon, quelqu’un a peut-être accédé à votre compte. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'email-change-old': {
      subject: '{{ site_short_name }}\u00a0: demande de changement de votre adresse e-mail',
      body: paragraphs(
        hello,
        'Nous avons reçu une demande pour remplacer l’adresse e-mail de votre compte par {{ new_address }}.',
        'Si cette demande vient de vous, suivez les indications du message envoyé à la nouvelle adresse.',
        'Sinon, conservez ici l’adresse actuelle, puis choisissez un nouveau mot de passe\u00a0:',
        '{{ link }}',
        'Si la page vous demande un code, saisissez celui-ci\u00a0:',
        '{{ code }}',
        lives,
        regards,
      ),
    },
    'email-change-new': {
      subject: '{{ site_short_name }}\u00a0: confirmez votre nouvelle adresse e-mail',
      body: paragraphs(
        hello,
        'Nous avons reçu une demande pour utiliser cette adresse e-mail avec votre compte. Confirmez qu’elle est bien la vôtre\u00a0:',
        '{{ link }}',
        'Ou saisissez ce code sur la page où vous avez demandé le changement\u00a0:',
        '{{ code }}',
        lives,
        'Si cette demande ne vient pas de vous, ignorez ce message\u00a0: l’adresse du compte ne sera pas modifiée.',
        regards,
      ),
    },
    'new-device': {
      subject: '{{ site_short_name }}\u00a0: connexion depuis un nouvel appareil',
      body: paragraphs(
        hello,
        'Une connexion à votre compte a eu lieu depuis un appareil que nous ne connaissions pas encore.',
        'Date\u00a0: {{ when }}\nAppareil\u00a0: {{ device }}',
        'Si vous reconnaissez cette connexion, vous n’avez rien à faire.',
        `Sinon, quelqu’un connaît peut-être votre mot de passe. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'session-reused': {
      subject: '{{ site_short_name }}\u00a0: une session a été fermée par sécurité',
      body: paragraphs(
        hello,
        'Une session de votre compte a été utilisée à deux endroits à la fois, ce qui peut signifier que quelqu’un l’a copiée. Par sécurité, nous l’avons fermée.',
        'Date\u00a0: {{ when }}',
        'Pour continuer, il suffit de vous connecter à nouveau.',
        `Si vous remarquez dans votre compte quelque chose que vous ne reconnaissez pas, quelqu’un y a peut-être accédé. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    invitation: {
      subject: '{{ site_short_name }}\u00a0: invitation de {{ inviter }}',
      body: paragraphs(
        'Bonjour,',
        '{{ inviter }} vous invite à collaborer avec nous, avec le rôle «\u00a0{{ role }}\u00a0». Pour accepter, ouvrez cette page\u00a0:',
        '{{ link }}',
        'Si la page vous demande un code, saisissez celui-ci\u00a0:',
        '{{ code }}',
        lives,
        'Si vous n’attendiez pas cette invitation, ignorez ce message\u00a0: sans votre accord, rien ne se passe.',
        regards,
      ),
    },
    'contact-notice': {
      subject: '{{ site_short_name }}\u00a0: nouveau message dans «\u00a0{{ form }}\u00a0»',
      body: paragraphs(
        'Un nouveau message est arrivé par le formulaire «\u00a0{{ form }}\u00a0»{% if sender %}, de la part de {{ sender }}{% endif %}\u00a0:',
        '{{ message }}',
        '{% if sender %}Si vous répondez à cet e-mail, votre réponse sera envoyée à {{ sender }}. {% endif %}L’adresse et le texte viennent de l’auteur du message et n’ont pas été vérifiés\u00a0: méfiez-vous des liens et des demandes de données.',
      ),
    },
    'contact-acknowledgement': {
      subject: '{{ site_short_name }}\u00a0: nous avons bien reçu votre message',
      body: paragraphs(
        'Bonjour,',
        'Nous avons bien reçu le message que vous nous avez envoyé par le formulaire «\u00a0{{ form }}\u00a0». Nous vous en remercions et vous répondrons dès que possible.',
        'Si vous ne nous avez pas écrit, ignorez ce message\u00a0: quelqu’un aura indiqué cette adresse par erreur.',
        regards,
      ),
    },
    test: {
      subject: '{{ site_short_name }}\u00a0: message de test',
      body: paragraphs(
        'Ceci est un message de test, demandé par {{ requested_by }}.',
        'Si vous l’avez reçu, l’envoi des e-mails du site fonctionne.',
        'Si vous ne l’attendiez pas, vous pouvez l’ignorer.',
        regards,
      ),
    },
  },
  buttons: {
    'verify-email': 'Choisir un mot de passe',
    'sign-up-again': 'Choisir un mot de passe',
    'sign-in': 'Se connecter',
    'reset-password': 'Choisir un mot de passe',
    'password-changed': 'Choisir un mot de passe',
    'email-change-old': 'Conserver l’adresse actuelle',
    'email-change-new': 'Confirmer la nouvelle adresse',
    'new-device': 'Choisir un mot de passe',
    'session-reused': 'Choisir un mot de passe',
    invitation: 'Accepter l’invitation',
  },
  withoutButton: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u00a0:',
  samples: {
    name: 'Marie Neves',
    device: 'Firefox, Android',
    new_address: 'm•••@exemple.fr',
    inviter: 'Jean Trovoada',
    role: 'Rédaction',
    form: 'Contactez-nous',
    sender: 'citoyenne@exemple.fr',
    message: 'Nom\u00a0: Anne d’Alva\n\nBonjour\u00a0! À quelle heure ouvre l’accueil du public le vendredi\u00a0?',
    requested_by: 'secretariat@exemple.fr',
  },
}
