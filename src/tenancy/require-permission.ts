import type { onRequestHookHandler } from 'fastify'
import { problem } from '../errors.ts'
import type { Permission } from './permissions.ts'

/** For routes in a scope of members: 403 AUTH_FORBIDDEN unless one of the member's roles, as of now, has the permission. */
export function requirePermission(permission: Permission): onRequestHookHandler {
  return (request, _reply, done) => done(request.session.member.permissions.includes(permission) ? undefined : problem('AUTH_FORBIDDEN'))
}
