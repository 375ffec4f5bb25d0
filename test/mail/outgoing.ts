import type { OutgoingMail } from '../../src/mail/providers/provider.ts'

/** A mail with everything that is not ASCII where it may be. */
export function outgoing(own: Partial<OutgoingMail> = {}): OutgoingMail {
  return {
    messageId: '<01890000-0000-7000-8000-00000000000a@site-a.example>',
    intent: 'tenant/intent',
    from: { name: 'Câmara de Mé-Zóchi', address: 'camara@site-a.example' },
    to: 'maria@example.org',
    subject: 'Confirme o seu endereço: código 123456',
    text: 'Olá, Mária.\n\nAté já.',
    html: '<p>Olá, <b>Mária</b>. <img src="cid:logo" alt=""></p>',
    headers: {},
    ...own,
  }
}
