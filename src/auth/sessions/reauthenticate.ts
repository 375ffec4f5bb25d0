import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { TypedPassword } from '../account/account-fields.ts'
import { countSignIn } from '../account/account-limits.ts'
import { proofByCode } from '../account/challenge.ts'
import { checkFactor, type FactorProof } from '../factors/check-factor.ts'
import { RecoveryCodeTyped, TotpCode } from '../factors/factor-fields.ts'
import { readFactorNotice } from '../factors/factor-notice.ts'
import { passkeyBodyLimit, passkeyProof } from '../factors/passkey-response.ts'
import { countedTry } from '../guards/counted-try.ts'
import { type Credentials, type FirstProof, proveAgain, readCredentials, type Shown } from './prove-again.ts'
import { provingAccount } from './proving-account.ts'
import { rotateSession } from './session-store.ts'
import { answerWithTokens, refreshCookie } from './token-answer.ts'

const strict = { additionalProperties: false }

const passkey = Type.Object(passkeyProof, strict)
const factor = Type.Optional(
  Type.Union([Type.Object({ code: TotpCode }, strict), Type.Object({ recoveryCode: RecoveryCodeTyped }, strict), Type.Object({ passkey }, strict)], {
    description: 'For who has a second factor',
  }),
)

export const ReauthenticateBody = Type.Union([
  Type.Object({ password: TypedPassword, factor }, strict),
  Type.Object(
    { ...proofByCode, factor },
    { ...strict, description: 'For who has no password: the code of a mail that POST /v1/auth/mailed-sign-in sent' },
  ),
  Type.Object({ passkey }, { ...strict, description: 'Both factors in one. Options: POST /v1/auth/reauthenticate/passkey-options' }),
])

export const reauthenticateFlow = defineFlow({
  schema: {
    operationId: 'reauthenticate',
    summary: 'Prove once more who you are, for what is asked for within ten minutes. A browser gets new cookies',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    body: ReauthenticateBody,
    response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: passkeyBodyLimit,
  async handler(request, reply) {
    await reauthenticate(request, readProofs(request, request.body))
    await renewCookies(request, reply)
    reply.code(204).header('cache-control', 'no-store').send(null)
  },
})

/** The proofs that a body holds. */
export function readProofs(request: FastifyRequest, body: Static<typeof ReauthenticateBody>): ShownAgain {
  const { memberId, sessionId: boundTo } = request.session
  const by = (proof: FactorProof) => async () => {
    const notice = await readFactorNotice(request, memberId)
    return checkFactor(request, { memberId, boundTo, purpose: 'reauthenticate', notice }, proof)
  }
  if ('passkey' in body) return { second: by({ passkey: body.passkey }) }
  const { factor: proof, ...first } = body
  return { first, ...(proof ? { second: by(proof) } : {}) }
}

/** What is shown. `second` looks at a factor and counts the try: undefined where it is wrong. */
export interface ShownAgain {
  first?: FirstProof
  second?: () => Promise<Shown | undefined>
}

/**
 * ASVS V7.5.1 asks for full re-authentication: where signing in takes a second factor this does too, since a password may have been watched or stolen
 * together with the session. A passkey that verified its user is both in one. Guesses count like those of a sign-in: a stolen session is no way
 * around its limits. The session goes on whatever is shown.
 */
export async function reauthenticate(request: FastifyRequest, { first, second }: ShownAgain): Promise<void> {
  if (request.session.member.operator) throw problem('AUTH_OPERATOR_REFUSED')
  await countSignIn(request)
  const credentials = await readCredentials(request)
  const shown = first ? [await tryFirst(request, credentials, first)] : []
  if (!second && credentials.hasFactor) throw problem('AUTH_FACTOR_NEEDED')
  const factor = await second?.()
  if (second && !factor) throw problem('AUTH_PROOF_WRONG')
  if (shown.length === 0 && factor?.method !== 'passkey') throw problem('AUTH_PROOF_WRONG')
  await keepProof(request, factor ? [...shown, factor] : shown)
  // Not before all is shown: who knows the password must not begin anew with the guesses of the factor.
  await request.server.limits.failedSignIns.clear(provingAccount(request))
}

/**
 * ASVS V7.2.4: a new token with each authentication. Where the browser's refresh cookie belongs to this session it is exchanged. Other clients
 * refresh by themselves when they want a token that says when its holder last proved who they are.
 */
export async function renewCookies(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { tenant, db, server, session } = request
  const token = request.cookies[refreshCookie] ?? ''
  const issued = server.refreshTokens.read(tenant.id, token)
  if (issued?.sessionId !== session.sessionId) return
  const rotation = await rotateSession(db, server.refreshTokens, { tenantId: tenant.id, ...issued, token, address: request.ip })
  if (rotation.outcome === 'rotated') await answerWithTokens(request, reply, rotation.session, 'cookie')
}

async function tryFirst(request: FastifyRequest, credentials: Credentials, proof: FirstProof): Promise<Shown> {
  const shown = await countedTry(request, provingAccount(request), () => proveAgain(request, credentials, proof))
  if (!shown) throw problem('AUTH_PROOF_WRONG')
  return shown
}

/** All that was shown is spent, or, where the session has ended meanwhile, nothing. */
async function keepProof(request: FastifyRequest, shown: readonly Shown[]): Promise<void> {
  const { sessionId, memberId } = request.session
  const methods = shown.map(({ method }) => method)
  await request.db.$transaction(async (tx) => {
    for (const { spend } of shown) if (spend && !(await spend(tx))) throw problem('AUTH_PROOF_WRONG')
    const kept = await tx.$executeRaw`
      update sessions s set authenticated_at = now(),
        methods = s.methods || array(select shown from unnest(${methods}::text[]) shown where shown <> all (s.methods))
      from members m
      where s.id = ${sessionId}::uuid and s.member_id = ${memberId}::uuid and m.tenant_id = s.tenant_id and m.id = s.member_id and m.status = 'active'
        and s.epoch = m.epoch and s.ended_at is null and s.operator is null and least(s.expires_at, s.idle_expires_at) > now()`
    if (kept === 0) throw problem('AUTH_TOKEN_INVALID')
    const event = { action: 'session.reauthenticated', target: { kind: 'session', id: sessionId }, details: { methods } } as const
    await recordEvent(tx, originOf(request), event)
    for (const { tell } of shown) await tell?.(tx)
  })
}
