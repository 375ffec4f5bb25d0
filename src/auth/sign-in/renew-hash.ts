import type { FastifyRequest } from 'fastify'

export interface SeenPassword {
  memberId: string
  /** The stored hash that this password was just verified against. */
  hash: string | undefined
  password: string
}

/**
 * Replaces another system's hash, or one with costs of before, while its password is at hand. The stored one has to be the verified one still: a
 * reset at the same time wins. Whoever signs in never fails by this; the next time is as good.
 */
export async function renewHash({ db, server, log }: FastifyRequest, { memberId, hash, password }: SeenPassword): Promise<void> {
  if (hash === undefined || !server.hasher.isOutdated(hash)) return
  try {
    const renewed = await server.hasher.hash(password)
    await db.$executeRaw`update passwords set hash = ${renewed}, updated_at = now() where member_id = ${memberId}::uuid and hash = ${hash}`
  } catch (err) {
    log.warn({ err }, 'a password hash was not renewed')
  }
}
