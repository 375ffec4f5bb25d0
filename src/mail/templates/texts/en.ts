import { type MailTexts, paragraphs } from './mail-texts.ts'

const hello = 'Hello {{ name }},'
const regards = 'Kind regards,\n{{ site_name }}'
const lives = 'The link is valid for {{ link_life }} and the code for {{ code_life }}. Please do not share them with anyone.'
const resetAll = 'Please set a new password now; this also signs you out everywhere:'

export const en: MailTexts = {
  mails: {
    'verify-email': {
      subject: '{{ site_short_name }}: please confirm your e-mail address',
      body: paragraphs(
        'Hello,',
        'Thank you for registering on our website. To finish, please open this page, choose the password for your account and confirm:',
        '{{ link }}',
        'Or enter this code on the page where you registered, if you still have it open:',
        '{{ code }}',
        lives,
        'If you did not register, please ignore this message: without the confirmation, no account will be created.',
        regards,
      ),
    },
    'sign-up-again': {
      subject: '{{ site_short_name }}: you already have an account',
      body: paragraphs(
        'Hello,',
        'We received a registration with this e-mail address, but there is already an account that uses it.',
        'If it was you, simply sign in as usual. If you do not remember your password, you can set a new one:',
        '{{ link }}',
        'If it was not you, there is nothing you need to do: your account has not been changed.',
        regards,
      ),
    },
    'sign-in': {
      subject: '{{ site_short_name }}: signing in',
      body: paragraphs(
        'Hello,',
        'We received a request to sign in to your account. To continue, open this page:',
        '{{ link }}',
        'Or enter this code on the page where you made the request:',
        '{{ code }}',
        'The link and the code are valid for {{ code_life }} and work only once. Please do not share them with anyone.',
        'If you did not make this request, please ignore this message: without the link or the code, nobody gets into your account.',
        regards,
      ),
    },
    'reset-password': {
      subject: '{{ site_short_name }}: set a new password',
      body: paragraphs(
        hello,
        'We received a request to set a new password for your account. You can do so on this page:',
        '{{ link }}',
        'Or enter this code on the page where you made the request:',
        '{{ code }}',
        lives,
        'If you did not make this request, please ignore this message: your password stays as it is.',
        regards,
      ),
    },
    'password-changed': {
      subject: '{{ site_short_name }}: your password was changed',
      body: paragraphs(
        hello,
        'The password of your account was changed.',
        'Date: {{ when }}\nDevice: {{ device }}',
        'If you made this change, there is nothing more you need to do.',
        `If you did not, someone may have got into your account. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'email-change-old': {
      subject: '{{ site_short_name }}: request to change your e-mail address',
      body: paragraphs(
        hello,
        'We received a request to change the e-mail address of your account to {{ new_address }}.',
        'If you made this request, please follow the message that we sent to the new address.',
        'If you did not, keep the current address here, and set a new password afterwards:',
        '{{ link }}',
        'If the page asks for a code, enter this one:',
        '{{ code }}',
        lives,
        regards,
      ),
    },
    'email-change-new': {
      subject: '{{ site_short_name }}: please confirm your new e-mail address',
      body: paragraphs(
        hello,
        'We received a request to use this e-mail address for your account. Please confirm that it is yours:',
        '{{ link }}',
        'Or enter this code on the page where you asked for the change:',
        '{{ code }}',
        lives,
        'If you did not make this request, please ignore this message: the address of the account will not be changed.',
        regards,
      ),
    },
    'new-device': {
      subject: '{{ site_short_name }}: sign-in on a new device',
      body: paragraphs(
        hello,
        'Someone signed in to your account on a device that we did not know yet.',
        'Date: {{ when }}\nDevice: {{ device }}',
        'If it was you, there is nothing you need to do.',
        `If it was not you, someone may know your password. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    'session-reused': {
      subject: '{{ site_short_name }}: we ended a session for your safety',
      body: paragraphs(
        hello,
        'A session of your account was used in two places at once, which can mean that someone copied it. For your safety, we have ended it.',
        'Date: {{ when }}',
        'To continue, just sign in again.',
        `If you notice anything in your account that you do not recognise, someone may have got into it. ${resetAll}`,
        '{{ link }}',
        regards,
      ),
    },
    invitation: {
      subject: '{{ site_short_name }}: invitation from {{ inviter }}',
      body: paragraphs(
        'Hello,',
        '{{ inviter }} invites you to work with us, in the role “{{ role }}”. To accept, open this page:',
        '{{ link }}',
        'If the page asks for a code, enter this one:',
        '{{ code }}',
        lives,
        'If you were not expecting this invitation, please ignore this message: nothing happens unless you accept.',
        regards,
      ),
    },
    'contact-notice': {
      subject: '{{ site_short_name }}: new message in “{{ form }}”',
      body: paragraphs(
        'A new message has come in through the form “{{ form }}”{% if sender %}, from {{ sender }}{% endif %}:',
        '{{ message }}',
        '{% if sender %}If you reply to this e-mail, your answer goes to {{ sender }}. {% endif %}The address and the text are the writer’s own and have not been verified: be careful with links and with requests for data.',
      ),
    },
    'contact-acknowledgement': {
      subject: '{{ site_short_name }}: we have received your message',
      body: paragraphs(
        'Hello,',
        'We have received the message that you sent us through the form “{{ form }}”. Thank you for writing; we will answer as soon as we can.',
        'If you did not write to us, please ignore this message: someone will have given this address by mistake.',
        regards,
      ),
    },
    test: {
      subject: '{{ site_short_name }}: test message',
      body: paragraphs(
        'This is a test message, requested by {{ requested_by }}.',
        'If you received it, the website’s e-mail is working.',
        'If you were not expecting it, you can ignore it.',
        regards,
      ),
    },
  },
  buttons: {
    'verify-email': 'Choose a password',
    'sign-up-again': 'Set a new password',
    'sign-in': 'Sign in',
    'reset-password': 'Set a new password',
    'password-changed': 'Set a new password',
    'email-change-old': 'Keep the current address',
    'email-change-new': 'Confirm the new address',
    'new-device': 'Set a new password',
    'session-reused': 'Set a new password',
    invitation: 'Accept the invitation',
  },
  withoutButton: 'If the button does not work, copy this address into your browser:',
  samples: {
    name: 'Mary Neves',
    device: 'Firefox, Android',
    new_address: 'm•••@example.com',
    inviter: 'John Trovoada',
    role: 'Editor',
    form: 'Contact us',
    sender: 'citizen@example.com',
    message: 'Name: Anna d’Alva\n\nGood morning! When does the public counter open on Friday?',
    requested_by: 'office@example.com',
  },
}
