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
  /** Of a member's own account, and yet for an operator who acts as the member as well. All else that is their own is refused. */
  acting?: true
}

const own: Access = {}

/** Also for an operator who acts as the member. */
const ownOrActing: Access = { ...own, acting: true }

const may = (permission: NonNullable<Access['permission']>): Access => ({ permission })

/**
 * Every route of the signed-in, and who may use it. `plugins/access.ts` enforces this table and refuses to start with a route that is not in it,
 * so that none can be added without an answer; docs/permissions.md is made of it.
 */
export const access: Readonly<Record<string, Access>> = {
  'GET /v1/me': ownOrActing,
  'POST /v1/auth/sign-out': ownOrActing,

  'GET /v1/api-keys': may('keys:write'),
  'POST /v1/api-keys': { permission: 'keys:write', fresh: true },
  'DELETE /v1/api-keys/:key': may('keys:write'),

  'GET /v1/audit': may('audit:read'),
  'GET /v1/audit.ndjson': { permission: 'audit:read', fresh: true },

  'GET /v1/sites': may('tenants:read'),
  'POST /v1/sites/:site/entries': { permission: 'tenants:write', fresh: true },

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
