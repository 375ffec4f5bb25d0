import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import type { Language } from '../../tenancy/language.ts'
import { mailLanguage, memberLanguage } from '../account/mail-language.ts'
import { describeDevice } from '../sessions/device.ts'

export type FactorChange = 'totp-added' | 'totp-removed' | 'passkey-added' | 'passkey-removed' | 'codes-made' | 'code-used'

const sentences: Record<Language, Record<FactorChange, string>> = {
  pt: {
    'totp-added': 'Foi acrescentada à sua conta uma aplicação de autenticação.',
    'totp-removed': 'Foi retirada da sua conta uma aplicação de autenticação.',
    'passkey-added': 'Foi acrescentada à sua conta uma chave de acesso.',
    'passkey-removed': 'Foi retirada da sua conta uma chave de acesso.',
    'codes-made': 'Foram criados novos códigos de recuperação para a sua conta. Os anteriores deixaram de ser válidos.',
    'code-used': 'Foi usado um código de recuperação da sua conta. Esse código não volta a servir.',
  },
  en: {
    'totp-added': 'An authenticator app was added to your account.',
    'totp-removed': 'An authenticator app was removed from your account.',
    'passkey-added': 'A passkey was added to your account.',
    'passkey-removed': 'A passkey was removed from your account.',
    'codes-made': 'New recovery codes were made for your account. The earlier ones are no longer valid.',
    'code-used': 'A recovery code of your account was used. It does not work a second time.',
  },
  fr: {
    'totp-added': 'Une application d’authentification a été ajoutée à votre compte.',
    'totp-removed': 'Une application d’authentification a été retirée de votre compte.',
    'passkey-added': 'Une clé d’accès a été ajoutée à votre compte.',
    'passkey-removed': 'Une clé d’accès a été retirée de votre compte.',
    'codes-made': 'De nouveaux codes de récupération ont été créés pour votre compte. Les précédents ne sont plus valables.',
    'code-used': 'Un code de récupération de votre compte a été utilisé. Il ne peut plus servir.',
  },
}

/** The member, and what a mail to them needs: read before the transaction, for the mail is its last statement. */
export interface FactorNotice {
  memberId: string
  email: string
  emailKey: string
  name: string
  language: Language
  device: string
}

export async function readFactorNotice(request: FastifyRequest, memberId: string): Promise<FactorNotice> {
  const select = { name: true, email: true, emailKey: true, language: true } as const
  const member = await request.db.member.findFirstOrThrow({ where: { id: memberId }, select })
  const language = memberLanguage(member) ?? (await mailLanguage(request))
  const { name, email, emailKey } = member
  return { memberId, email, emailKey, name, language, device: describeDevice(request.headers['user-agent'], language) }
}

/** Tells the member. Whoever changed it may be somebody else. */
export async function tellFactorChange(
  tx: Pick<TenantDb, 'mailMessage'>,
  tenantId: string,
  { notice, change }: { notice: FactorNotice; change: FactorChange },
): Promise<void> {
  const { name, device, language, emailKey: to } = notice
  const variables = { name, change: sentences[language][change], when: new Date().toISOString(), device }
  await enqueueMail(tx, { tenantId, kind: 'factor-changed', to, language, variables })
}
