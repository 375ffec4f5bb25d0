import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { Language } from '../../tenancy/language.ts'
import { mailLanguage, memberLanguage } from '../account/mail-language.ts'
import { describeDevice } from '../sessions/device.ts'
import { endAllSessions } from '../sessions/session-store.ts'
import { MemberParams, memberToChange } from './member.ts'

export const removeMemberFactors = defineFlow({
  schema: {
    operationId: 'removeMemberFactors',
    summary: 'Remove the second factors of a member who has lost them',
    description: 'Authenticator apps, passkeys and recovery codes. Every session of the member ends, and the member is told by mail.',
    tags: ['staff'],
    params: MemberParams,
    response: { 204: Type.Null(), ...problems(401, 403, 404, 503) },
  },
  async handler(request, reply) {
    // Before the transaction: it must not wait for a second connection while it holds one.
    const siteLanguage = await mailLanguage(request)
    await request.db.$transaction(async (tx) => {
      const { member } = await memberToChange(tx, request, request.params.member)
      const details = await removeFactors(tx, member.id)
      // Nothing was there: nothing has changed, and there is nothing to tell.
      if (details.passkeys + details.apps + details.recoveryCodes === 0) return
      await endAllSessions(tx, member.id)
      await recordEvent(tx, originOf(request), { action: 'member.factors-removed', target: { kind: 'member', id: member.id }, details })
      await tellMember(tx, request, { ...member, language: memberLanguage(member) ?? siteLanguage })
    })
    return reply.code(204).send(null)
  },
})

async function removeFactors(tx: Pick<TenantDb, 'totpFactor' | 'passkey' | 'recoveryCode' | 'passkeyChallenge'>, memberId: string) {
  const where = { where: { memberId } }
  await tx.passkeyChallenge.deleteMany(where)
  const { count: apps } = await tx.totpFactor.deleteMany(where)
  const { count: passkeys } = await tx.passkey.deleteMany(where)
  const { count: recoveryCodes } = await tx.recoveryCode.deleteMany(where)
  return { apps, passkeys, recoveryCodes }
}

const removed: Record<Language, string> = {
  pt: 'A equipa do site removeu da sua conta a aplicação de autenticação, as chaves de acesso e os códigos de recuperação.',
  en: 'The staff of the website removed the authenticator app, passkeys and recovery codes from your account.',
  fr: 'L’équipe du site a retiré de votre compte l’application d’authentification, les clés d’accès et les codes de récupération.',
}

interface Told {
  email: string
  name: string
  language: Language
}

async function tellMember(tx: Pick<TenantDb, 'mailMessage'>, request: FastifyRequest, { email, name, language }: Told): Promise<void> {
  const device = describeDevice(request.headers['user-agent'], language)
  const variables = { name, change: removed[language], when: new Date().toISOString(), device }
  await enqueueMail(tx, { tenantId: request.tenant.id, kind: 'factor-changed', to: email, language, variables })
}
