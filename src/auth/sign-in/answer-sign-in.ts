import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { answerWithTokens, TokenAnswer } from '../sessions/token-answer.ts'
import type { SignInOutcome } from './finish-sign-in.ts'

/** The first proof was right, and a second one is owed: `POST /v1/auth/second-factor` takes it together with `pending`. */
export const OwedFactorAnswer = Type.Object(
  {
    pending: Type.String({ maxLength: 200, description: 'Names this sign-in in the next step' }),
    factors: Type.Array(Type.Union([Type.Literal('totp'), Type.Literal('passkey'), Type.Literal('recovery-code')])),
    enrol: Type.Boolean({ description: 'The site asks for a second factor and the member has none yet: set one up to go on' }),
    expiresAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)

/** For the `response` of every flow that ends in a sign-in. */
export const signInAnswers = { 200: TokenAnswer, 202: OwedFactorAnswer }

/** 200 with tokens, or 202 with what is still owed. */
export async function answerSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  result: SignInOutcome,
  transport: 'body' | 'cookie',
): Promise<Static<typeof TokenAnswer> | Static<typeof OwedFactorAnswer>> {
  if (result.outcome === 'signed-in') return answerWithTokens(request, reply, result.session, transport)
  const { secret: pending, factors, enrol, expiresAt } = result.owed
  reply.code(202).header('cache-control', 'no-store')
  return { pending, factors: [...factors], enrol, expiresAt: expiresAt.toISOString() }
}
