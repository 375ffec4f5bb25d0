import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'

/** 403 MAILED_SIGN_IN_OFF where the site does not want it. */
export async function requireMailedSignIn({ server, tenant, db }: FastifyRequest): Promise<void> {
  const { mailedSignIn } = await server.authPolicies.of(tenant, db)
  if (!mailedSignIn) throw problem('MAILED_SIGN_IN_OFF')
}
