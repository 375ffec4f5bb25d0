import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { enqueueMail } from '../../jobs/enqueue-mail.ts'
import { problems } from '../../problem-schema.ts'
import { hashToken } from '../../security/refresh-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import type { Language } from '../../tenancy/language.ts'
import { countProof } from '../account/account-limits.ts'
import { mailLanguage, memberLanguage } from '../account/mail-language.ts'
import { answerOperator, type OperatorSession, openOperatorSession } from '../sessions/operator-session.ts'
import { endSession } from '../sessions/session-store.ts'
import { TokenAnswer, Transport } from '../sessions/token-answer.ts'

export const EntryToken = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', maxLength: 43, description: 'From the console' })

export const enterAsOperatorFlow = defineFlow({
  schema: {
    operationId: 'enterAsOperator',
    summary: 'Begin the half hour of an operator who acts as a member',
    description: 'No refresh token is answered: nothing continues this session.',
    tags: ['auth'],
    body: Type.Object({ token: EntryToken, transport: Transport }, { additionalProperties: false }),
    response: { 200: TokenAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    const { token, transport = 'body' } = request.body
    return answerOperator(request, reply, await enterAsOperator(request, token), transport)
  },
})

interface Entry {
  id: string
  operator: string
  operatorEpoch: number
  operatorName: string
  reason: string
  memberId: string
  epoch: number
}

/** 400 OPERATOR_ENTRY_INVALID for every other token than one of this site that is live, for an active member, by an operator who still is one. */
export async function enterAsOperator(request: FastifyRequest, token: string): Promise<OperatorSession> {
  const { tenant, db, server } = request
  await countProof(request)
  const tokenHash = hashToken(token)
  const wanted = await db.operatorEntry.findFirst({ where: { tokenHash, spentAt: null }, select: { operator: true, operatorEpoch: true } })
  const platform = wanted ? await server.operators.platformOf({ id: wanted.operator, epoch: wanted.operatorEpoch }) : undefined
  if (!platform) throw problem('OPERATOR_ENTRY_INVALID')
  const { entry, session } = await begin(request, tokenHash)
  // The hub's own log is another tenant's, and so another transaction: where it cannot tell of the session, there is none.
  await recordAtPlatform(request, platform, entry).catch(async (error) => {
    await endSession(db, session.id, 'revoked')
    throw error
  })
  request.log.info({ tenantId: tenant.id, operator: entry.operator, sessionId: session.id }, 'an operator entered a site')
  return { ...session, memberId: entry.memberId, operator: entry.operator, platform }
}

/** The session, what the site's own log says of it, and the mails, or none of them. */
async function begin(
  request: FastifyRequest,
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<{ entry: Entry; session: Pick<OperatorSession, 'id' | 'expiresAt'> }> {
  const { tenant, db, headers, ip } = request
  const fallback = await mailLanguage(request)
  return db.$transaction(async (tx) => {
    const entry = await spend(tx, tokenHash)
    if (!entry) throw problem('OPERATOR_ENTRY_INVALID')
    const { operator, operatorEpoch, memberId, epoch, reason } = entry
    const device = { userAgent: headers['user-agent'] ?? '', address: ip }
    const session = await openOperatorSession(tx, { tenantId: tenant.id, memberId, epoch, operator, operatorEpoch, reason, ...device })
    const target = { kind: 'session', id: session.id }
    await recordEvent(tx, originOf(request, { kind: 'operator', id: operator, actingAs: memberId }), {
      action: 'operator.entered',
      target,
      details: { reason, entry: entry.id },
    })
    await tellSite(tx, { tenantId: tenant.id, entry, fallback })
    return { entry, session }
  })
}

/** One statement that one of any number of simultaneous callers wins. */
async function spend(tx: Pick<TenantDb, '$queryRaw'>, tokenHash: Uint8Array): Promise<Entry | undefined> {
  const [entry] = await tx.$queryRaw<Entry[]>`
    update operator_entries e set spent_at = now() from members m
    where e.token_hash = ${tokenHash} and e.spent_at is null and e.expires_at > now()
      and m.tenant_id = e.tenant_id and m.id = e.member_id and m.status = 'active'
    returning e.id, e.operator, e.operator_epoch as "operatorEpoch", e.operator_name as "operatorName", e.reason, m.id as "memberId", m.epoch`
  return entry
}

interface Told {
  email: string
  name: string
  language: string | null
  own: boolean
}

interface News {
  tenantId: string
  entry: Entry
  /** The site's, for who has chosen none. */
  fallback: Language
}

/** The member and the site's owners are told, whoever they are (DEFAULTS, impersonation). */
async function tellSite(tx: Pick<TenantDb, '$queryRaw' | 'mailMessage'>, { tenantId, entry, fallback }: News): Promise<void> {
  const people = await tx.$queryRaw<Told[]>`
    select m.email, m.name, m.language, m.id = ${entry.memberId}::uuid as own from members m
    where m.status = 'active' and (m.id = ${entry.memberId}::uuid or exists (
      select from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
      where x.tenant_id = m.tenant_id and x.member_id = m.id and r.slug = 'owner'))
    order by own desc, m.id limit 50`
  const member = people.find(({ own }) => own)?.name ?? ''
  const variables = { operator: entry.operatorName, member, reason: entry.reason, when: new Date().toISOString() }
  for (const { email, language } of people) {
    await enqueueMail(tx, { tenantId, kind: 'operator-access', to: email, language: memberLanguage({ language }) ?? fallback, variables })
  }
}

async function recordAtPlatform(request: FastifyRequest, platform: Tenant, { id, operator, memberId, reason }: Entry): Promise<void> {
  const { tenant, server } = request
  const origin = { ...originOf(request, { kind: 'operator', id: operator }), tenantId: platform.id }
  await recordEvent(server.database.forTenant(platform.id), origin, {
    action: 'operator.entered',
    target: { kind: 'site', id: tenant.id },
    details: { site: tenant.slug, member: memberId, reason, entry: id },
  })
}
