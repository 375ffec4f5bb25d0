import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { readAuthPolicy } from '../../tenancy/auth-policy.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { NewPassword } from './account-fields.ts'
import { countProof } from './account-limits.ts'
import { proofByCode, proofByToken, proveChallenge, spendChallenge } from './challenge.ts'
import { addMember } from './create-member.ts'
import { requireGoodPassword } from './require-good-password.ts'
import { requireSignUpOf } from './sign-up-policy.ts'

const strict = { additionalProperties: false }

/**
 * The sign-up's own password counts with the code alone: that needs the challenge, which nobody but who signed up has. A link says no more than that
 * the mail was read, and the sign-up behind it may be a stranger's.
 */
export const VerifyEmailBody = Type.Union([Type.Object({ ...proofByToken, password: NewPassword }, strict), Type.Object(proofByCode, strict)])

const VerifiedAnswer = Type.Object({ email: Type.String({ maxLength: 254 }) }, strict)

export const verifyEmailFlow = defineFlow({
  schema: {
    operationId: 'verifyEmail',
    summary: "Make the account that was asked for, by the mail's link and a password, or by its code",
    tags: ['auth'],
    body: VerifyEmailBody,
    response: { 200: VerifiedAnswer, ...problems(400, 403, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 4096,
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return verifyEmail(request, request.body)
  },
})

const signUpPayload = Compile(Type.Object({ email: Type.String(), name: Type.String(), hash: Type.String() }))

/** Whoever reads the mail decides: the member is made here, and the password is one that they know. */
export async function verifyEmail(request: FastifyRequest, proof: Static<typeof VerifyEmailBody>): Promise<Static<typeof VerifiedAnswer>> {
  const { tenant, db, server } = request
  await countProof(request)
  if ('token' in proof) await requireGoodPassword(request, proof.password)
  // Before the hash, so that a guess does not cost one.
  const { id, emailKey } = await proveChallenge(request, 'sign-up', proof)
  if ('token' in proof) await requireGoodPassword(request, proof.password, [emailKey, await nameOf(db, id)])
  const chosen = 'token' in proof ? await server.hasher.hash(proof.password) : undefined
  const email = await db.$transaction(async (tx) => {
    const spent = await spendChallenge(tx, 'sign-up', id)
    if (!spent || !signUpPayload.Check(spent.payload)) return undefined
    // Once more, and as it stands in the database: it may have been tightened since. The challenge stays as it was.
    requireSignUpOf(await readAuthPolicy(tx, tenant), spent.emailKey)
    const { email, name, hash } = spent.payload
    const member = await addMember(tx, { tenantId: tenant.id, email, name, hash: chosen ?? hash, role: 'member' })
    if (!member) return undefined
    await recordEvent(tx, originOf(request, { kind: 'member', id: member }), { action: 'member.created', target: { kind: 'member', id: member } })
    return email
  })
  // Thrown after the end of the transaction: where the address was taken meanwhile, the challenge stays spent, and the hash in it is gone.
  if (!email) throw problem('CHALLENGE_INVALID')
  return { email }
}

/** As the sign-up gave it; nothing where the challenge has been spent meanwhile. */
async function nameOf(db: TenantDb, challengeId: string): Promise<string> {
  const challenge = await db.emailChallenge.findFirst({ where: { id: challengeId }, select: { payload: true } })
  return signUpPayload.Check(challenge?.payload) ? challenge.payload.name : ''
}
