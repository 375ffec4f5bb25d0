import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'

/** 403 AUTH_FORBIDDEN elsewhere than on the platform's own host: a permission that some site's row should hold opens no door there. */
export function requireConsole({ tenant }: FastifyRequest): void {
  if (tenant.kind !== 'platform') throw problem('AUTH_FORBIDDEN')
}
