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
const ownSensitive: Access = { fresh: true }

/** Also for an operator who acts as the member. */
const ownOrActing: Access = { ...own, acting: true }

const may = (permission: NonNullable<Access['permission']>): Access => ({ permission })

const mayFresh = (permission: NonNullable<Access['permission']>): Access => ({ permission, fresh: true })

/**
 * Every route of the signed-in, and who may use it. `plugins/access.ts` enforces this table and refuses to start with a route that is not in it,
 * so that none can be added without an answer; docs/permissions.md is made of it.
 */
export const access: Readonly<Record<string, Access>> = {
  'GET /v1/me': ownOrActing,
  'POST /v1/auth/sign-out': ownOrActing,
  'PATCH /v1/me': own,
  'POST /v1/me/password': ownSensitive,
  'GET /v1/me/email': own,
  'POST /v1/me/email': ownSensitive,
  'DELETE /v1/me/email': own,
  'GET /v1/me/export': ownSensitive,
  'POST /v1/me/erasure': ownSensitive,
  'POST /v1/auth/reauthenticate/passkey-options': own,
  'GET /v1/me/factors': own,
  'POST /v1/me/totp': ownSensitive,
  'POST /v1/me/totp/:factor/confirm': ownSensitive,
  'DELETE /v1/me/totp/:factor': ownSensitive,
  'POST /v1/me/recovery-codes': ownSensitive,
  'POST /v1/me/passkeys/options': ownSensitive,
  'POST /v1/me/passkeys': ownSensitive,
  'PATCH /v1/me/passkeys/:passkey': own,
  'DELETE /v1/me/passkeys/:passkey': ownSensitive,

  'GET /v1/keys': may('keys:write'),
  'POST /v1/keys/rotate': mayFresh('keys:write'),
  'POST /v1/auth/reauthenticate': own,
  'GET /v1/me/sessions': own,
  // ASVS V7.5.2: seen by whoever is signed in, ended by whoever proves it again. To end all, this one included, is a way out and asks for nothing.
  'DELETE /v1/me/sessions/:session': ownSensitive,
  'POST /v1/me/sessions/end-others': ownSensitive,

  'GET /v1/auth-policy': may('site:read'),
  'PUT /v1/auth-policy': mayFresh('site:write'),

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

  'GET /v1/api-keys': may('keys:write'),
  'POST /v1/api-keys': mayFresh('keys:write'),
  'DELETE /v1/api-keys/:key': may('keys:write'),

  'GET /v1/audit': may('audit:read'),
  'GET /v1/audit.ndjson': mayFresh('audit:read'),

  'GET /v1/sites': may('tenants:read'),
  'POST /v1/sites/:site/entries': mayFresh('operators:write'),

  'GET /v1/brand/draft': may('site:read'),
  'PUT /v1/brand/draft': may('site:write'),
  'DELETE /v1/brand/draft': may('site:write'),
  'GET /v1/brand/draft/preview': may('site:read'),
  'GET /v1/brand/publications': may('site:read'),
  'POST /v1/brand/publications': may('site:write'),
  'POST /v1/brand/publications/:number/return': may('site:write'),
  'GET /v1/brand/assets': may('site:read'),
  'POST /v1/brand/images': may('site:write'),
  'POST /v1/brand/fonts': may('site:write'),
  'DELETE /v1/brand/assets/:asset': may('site:write'),

  'GET /v1/media': may('media:read'),
  'POST /v1/media': may('media:write'),
  'GET /v1/media/usage': may('media:read'),
  'GET /v1/media/:media': may('media:read'),
  'PATCH /v1/media/:media': may('media:write'),
  'DELETE /v1/media/:media': may('media:write'),
  'GET /v1/media/:media/original': may('media:read'),
  'POST /v1/media/:media/link': may('media:write'),
  'POST /v1/media/uploads': may('media:write'),
  'GET /v1/media/uploads/:upload': may('media:write'),
  'POST /v1/media/uploads/:upload/addresses': may('media:write'),
  'PUT /v1/media/uploads/:upload/parts/:part': may('media:write'),
  'POST /v1/media/uploads/:upload/complete': may('media:write'),
  'DELETE /v1/media/uploads/:upload': may('media:write'),

  'GET /v1/mail-account': may('mail:read'),
  // Whoever decides where mails go reads the links in them.
  'PUT /v1/mail-account': mayFresh('mail:write'),
  'POST /v1/mail-account/test': may('mail:write'),
  'POST /v1/mail-account/report-token': mayFresh('mail:write'),
  'PUT /v1/mail-account/webhook-secret': mayFresh('mail:write'),
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
  'POST /v1/mail/suppressions': mayFresh('mail:write'),
  'DELETE /v1/mail/suppressions/:email': may('mail:write'),
}
