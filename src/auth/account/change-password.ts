import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countedTry } from '../guards/counted-try.ts'
import { carrySession } from '../sessions/carry-session.ts'
import { describeDevice } from '../sessions/device.ts'
import { provingAccount } from '../sessions/proving-account.ts'
import { NewPassword, TypedPassword } from './account-fields.ts'
import { countDearAct } from './account-limits.ts'
import { voidPendingChanges } from './email-change.ts'
import { mailLanguage } from './mail-language.ts'
import { requireGoodPassword } from './require-good-password.ts'
import { voidChallenges, waysIn } from './void-challenges.ts'

export const ChangePasswordBody = Type.Object(
  {
    password: NewPassword,
    currentPassword: Type.Optional(TypedPassword),
  },
  { additionalProperties: false },
)

export const changePasswordFlow = defineFlow({
  schema: {
    operationId: 'changePassword',
    summary: 'Set another password, or a first one. Every other session of the member ends',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: ChangePasswordBody,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    await changePassword(request, request.body)
    reply.code(204).header('cache-control', 'no-store').send(null)
  },
})

export async function changePassword(request: FastifyRequest, { password, currentPassword }: Static<typeof ChangePasswordBody>): Promise<void> {
  const { tenant, db, server, session, headers } = request
  const tenantId = tenant.id
  await countDearAct(request)
  const member = await readMember(db, session.memberId)
  await requireGoodPassword(request, password, [member.emailKey, member.name])
  await requireCurrentPassword(request, member, currentPassword)
  const hash = await server.hasher.hash(password)
  const language = await mailLanguage(request, undefined, member.id)
  const when = new Date().toISOString()
  await db.$transaction(async (tx) => {
    await carryThisAlone(tx, member, session.sessionId)
    await tx.password.upsert({
      where: { tenantId_memberId: { tenantId, memberId: member.id } },
      create: { tenantId, memberId: member.id, hash },
      update: { hash },
    })
    await voidChallenges(tx, member.id, waysIn)
    await voidPendingChanges(tx, member.id)
    await recordEvent(tx, originOf(request), { action: 'password.changed', target: { kind: 'member', id: member.id } })
    const variables = { name: member.name, when, device: describeDevice(headers['user-agent'], language) }
    await enqueueMail(tx, { tenantId, kind: 'password-changed', to: member.emailKey, language, variables })
  })
  await server.limits.failedSignIns.clear(`${tenantId} ${member.emailKey}`)
  await server.limits.failedSignIns.clear(provingAccount(request))
}

interface Member {
  id: string
  name: string
  emailKey: string
  epoch: number
  hash: string | null
}

async function readMember(db: TenantDb, id: string): Promise<Member> {
  const [member] = await db.$queryRaw<Member[]>`
    select m.id, m.name, m.email_key as "emailKey", m.epoch, p.hash from members m
    left join passwords p on p.tenant_id = m.tenant_id and p.member_id = m.id where m.id = ${id}::uuid`
  if (!member) throw problem('AUTH_TOKEN_INVALID')
  return member
}

/** Counted with what is shown to prove once more who one is: whoever found an open session gets few guesses at the password. */
async function requireCurrentPassword(request: FastifyRequest, { hash }: Member, current: string | undefined): Promise<void> {
  if (hash === null) return
  if (current === undefined) throw problem('AUTH_PASSWORD_WRONG')
  const matches = await countedTry(request, provingAccount(request), () => request.server.hasher.verify(hash, current))
  if (!matches) throw problem('AUTH_PASSWORD_WRONG')
}

/** The epoch is the one that the password was read under: of two changes at once the second finds itself out of date, and is refused. */
async function carryThisAlone(tx: Pick<TenantDb, 'member' | '$executeRaw'>, { id, epoch }: Member, sessionId: string): Promise<void> {
  const { count } = await tx.member.updateMany({ where: { id, epoch, status: 'active' }, data: { epoch: epoch + 1 } })
  const survives = count === 1 && (await carrySession(tx, { memberId: id, sessionId, epoch: epoch + 1 }))
  if (!survives) throw problem('AUTH_TOKEN_INVALID')
}
