import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import type { RenderedMail } from '../../src/mail/templates/render-mail.ts'

/** The bytes that nodemailer would hand to a server. */
export function buildMail({ subject, html, text }: RenderedMail, logo?: Uint8Array): Promise<Buffer> {
  const mail = new MailComposer({
    from: { name: 'Câmara Distrital de Mé-Zóchi', address: 'no-reply@camara-mezochi.example' },
    to: { name: '', address: 'maria@exemplo.example' },
    date: new Date(),
    messageId: '<01890000-0000-7000-8000-00000000000a@camara-mezochi.example>',
    headers: { 'Auto-Submitted': 'auto-generated' },
    subject,
    html,
    text,
    ...(logo ? { attachments: [{ filename: 'logo.png', cid: 'logo', content: Buffer.from(logo), contentType: 'image/png' }] } : {}),
  })
  return mail.compile().build()
}
