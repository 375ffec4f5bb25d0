import type { Permission, platformPermissions } from './permissions.ts'

/** What a route asks of its caller, beside being signed in. */
export interface Access {
  /** One that the member's roles or the API key must hold, as of now. Without one the route is about the member's own account: no API key. */
  permission?: Permission | (typeof platformPermissions)[number]
  /**
   * A sensitive act (ASVS V7.5.1): only by a member who proved who they are within the last ten minutes; by no API key, and by no operator who
   * acts as a member.
   */
  fresh?: true
}

const own: Access = {}

const may = (permission: NonNullable<Access['permission']>): Access => ({ permission })

const mayFresh = (permission: NonNullable<Access['permission']>): Access => ({ permission, fresh: true })

/**
 * Every route of the signed-in, and who may use it. `plugins/access.ts` enforces this table and refuses to start with a route that is not in it,
 * so that none can be added without an answer; docs/permissions.md is made of it.
 */
export const access: Readonly<Record<string, Access>> = {
  'GET /v1/me': own,
  'POST /v1/auth/sign-out': own,

  'GET /v1/members': may('members:read'),
  'GET /v1/members/:member': may('members:read'),
  'PATCH /v1/members/:member': may('members:write'),
  'PUT /v1/members/:member/roles': mayFresh('members:write'),
  'POST /v1/members/:member/deactivate': mayFresh('members:write'),
  'POST /v1/members/:member/reactivate': mayFresh('members:write'),
  'POST /v1/members/:member/end-sessions': mayFresh('members:write'),
  'DELETE /v1/members/:member/factors': mayFresh('members:write'),
  'GET /v1/roles': may('roles:read'),
  'POST /v1/roles': mayFresh('roles:write'),
  'PATCH /v1/roles/:role': mayFresh('roles:write'),
  'DELETE /v1/roles/:role': mayFresh('roles:write'),
  'GET /v1/permissions': may('roles:read'),
  'GET /v1/invitations': may('members:read'),
  'POST /v1/invitations': mayFresh('members:write'),
  'DELETE /v1/invitations/:invitation': may('members:write'),
  'POST /v1/invitations/:invitation/send-again': mayFresh('members:write'),

  'GET /v1/mail-account': may('mail:read'),
  'PUT /v1/mail-account': may('mail:write'),
  'POST /v1/mail-account/test': may('mail:write'),
  'POST /v1/mail-account/report-token': may('mail:write'),
  'PUT /v1/mail-account/webhook-secret': may('mail:write'),
  'GET /v1/mail/messages': may('mail:read'),
  'POST /v1/mail/messages/:message/send-again': may('mail:write'),
  'GET /v1/mail/templates': may('mail:read'),
  'PUT /v1/mail/templates/:kind/:locale': may('mail:write'),
  'DELETE /v1/mail/templates/:kind/:locale': may('mail:write'),
  'POST /v1/mail/templates/:kind/:locale/preview': may('mail:read'),
  'GET /v1/mail/domains': may('mail:read'),
  'PUT /v1/mail/domains/:domain': may('mail:write'),
  'DELETE /v1/mail/domains/:domain': may('mail:write'),
  'POST /v1/mail/domains/:domain/check': may('mail:write'),
  'GET /v1/mail/suppressions': may('mail:read'),
  'POST /v1/mail/suppressions': may('mail:write'),
  'DELETE /v1/mail/suppressions/:email': may('mail:write'),
}
