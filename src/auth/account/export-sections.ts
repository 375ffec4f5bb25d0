import type { TenantDb } from '../../db/client.ts'
import { describeDevice } from '../sessions/device.ts'

/** Whose data it is. */
export interface Subject {
  id: string
  emailKey: string
}

export interface ExportSection {
  /** Tables that it tells of; a test holds all of them together to the catalogue. */
  tables: readonly string[]
  /** Rows after the one of that key, oldest first; a page is shorter than `exportPage` at the end only. Never a secret or its hash. */
  page(db: TenantDb, subject: Subject, after: string): Promise<ExportRow[]>
}

/** `id` is what the next page starts after; it is not told. */
export type ExportRow = { id: string } & Record<string, unknown>

/** Rows read at once: however much there is of a member, this is what is in memory. */
export const exportPage = 500

const first = '00000000-0000-0000-0000-000000000000'
const ordered = { orderBy: { id: 'asc' as const }, take: exportPage }
const later = (after: string) => ({ gt: after || first })

/** Everything that is held about a member, beside the profile. */
export const exportSections: Readonly<Record<string, ExportSection>> = {
  sessions: {
    tables: ['sessions'],
    async page(db, { id: memberId }, after) {
      const shown = { userAgent: true, address: true, methods: true, createdAt: true, authenticatedAt: true, rotatedAt: true, endedAt: true }
      const select = { id: true, ...shown, endReason: true, expiresAt: true, operatorReason: true }
      const rows = await db.session.findMany({ where: { memberId, id: later(after) }, select, ...ordered })
      return rows.map((row) => ({ ...row, device: describeDevice(row.userAgent, 'en') }))
    },
  },
  pendingSignIns: {
    tables: ['pending_sign_ins'],
    page: (db, { id: memberId }, after) =>
      db.pendingSignIn.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, methods: true, createdAt: true, expiresAt: true },
        ...ordered,
      }),
  },
  knownDevices: {
    tables: ['known_devices'],
    page: (db, { id: memberId }, after) =>
      db.$queryRaw`
        select encode(device_hash, 'hex') as id, name, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt" from known_devices
        where member_id = ${memberId}::uuid and device_hash > decode(${after}, 'hex') order by device_hash limit ${exportPage}`,
  },
  authenticators: {
    tables: ['totp_factors'],
    page: (db, { id: memberId }, after) =>
      db.totpFactor.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, name: true, createdAt: true, confirmedAt: true, lastUsedAt: true },
        ...ordered,
      }),
  },
  recoveryCodes: {
    tables: ['recovery_codes'],
    page: (db, { id: memberId }, after) =>
      db.recoveryCode.findMany({ where: { memberId, id: later(after) }, select: { id: true, createdAt: true, usedAt: true }, ...ordered }),
  },
  passkeys: {
    tables: ['passkeys'],
    page: (db, { id: memberId }, after) =>
      db.passkey.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, name: true, transports: true, backedUp: true, createdAt: true, lastUsedAt: true },
        ...ordered,
      }),
  },
  passkeyRequests: {
    tables: ['passkey_challenges'],
    page: (db, { id: memberId }, after) =>
      db.passkeyChallenge.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, purpose: true, expiresAt: true, spentAt: true },
        ...ordered,
      }),
  },
  emailChanges: {
    tables: ['email_changes'],
    async page(db, { id: memberId }, after) {
      const dates = { createdAt: true, oldConfirmedAt: true, newConfirmedAt: true, appliedAt: true, undoneAt: true, expiresAt: true }
      return db.emailChange.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, oldEmail: true, newEmail: true, ...dates },
        ...ordered,
      })
    },
  },
  confirmations: {
    tables: ['email_challenges'],
    page: (db, { id: memberId, emailKey }, after) =>
      db.emailChallenge.findMany({
        where: { OR: [{ memberId }, { emailKey }], id: later(after) },
        select: { id: true, purpose: true, createdAt: true, expiresAt: true, spentAt: true },
        ...ordered,
      }),
  },
  mails: {
    tables: ['mail_messages'],
    page: (db, { emailKey: recipient }, after) =>
      db.mailMessage.findMany({
        where: { recipient, id: later(after) },
        select: { id: true, kind: true, locale: true, status: true, createdAt: true, sentAt: true },
        ...ordered,
      }),
  },
  mailStopped: {
    tables: ['mail_suppressions'],
    page: (db, { emailKey: id }, after) =>
      after
        ? Promise.resolve([])
        : db.$queryRaw`select email_key as id, reason, created_at as "createdAt" from mail_suppressions where email_key = ${id}`,
  },
  invitations: {
    tables: ['invitations'],
    async page(db, { emailKey }, after) {
      const select = { id: true, createdAt: true, expiresAt: true, acceptedAt: true, revokedAt: true, role: { select: { slug: true } } }
      const rows = await db.invitation.findMany({ where: { emailKey, id: later(after) }, select, ...ordered })
      return rows.map(({ role, ...row }) => ({ ...row, role: role.slug }))
    },
  },
  /** To whom is the other's own. */
  invitationsSent: {
    tables: ['invitations'],
    page: (db, { id: invitedBy }, after) =>
      db.invitation.findMany({
        where: { invitedBy, id: later(after) },
        select: { id: true, createdAt: true, expiresAt: true, acceptedAt: true, revokedAt: true },
        ...ordered,
      }),
  },
  apiKeysMade: {
    tables: ['api_keys'],
    page: (db, { id: createdBy }, after) =>
      db.apiKey.findMany({
        where: { createdBy, id: later(after) },
        select: { id: true, name: true, createdAt: true, expiresAt: true, revokedAt: true },
        ...ordered,
      }),
  },
  /** What it holds is the site's. */
  mediaAdded: {
    tables: ['media'],
    async page(db, { id: createdBy }, after) {
      const select = { id: true, name: true, contentType: true, size: true, createdAt: true }
      const rows = await db.media.findMany({ where: { createdBy, id: later(after) }, select, ...ordered })
      return rows.map(({ size, ...row }) => ({ ...row, size: Number(size) }))
    },
  },
  /** A site has one draft at most, and keeps fifty publications: a page holds them. */
  brandDraft: {
    tables: ['brand_drafts'],
    async page(db, { id: updatedBy }) {
      const rows = await db.brandDraft.findMany({ where: { updatedBy }, select: { revision: true, updatedAt: true } })
      return rows.map((row) => ({ id: '', ...row }))
    },
  },
  brandsPublished: {
    tables: ['brand_publications'],
    async page(db, { id: publishedBy }) {
      const select = { number: true, note: true, publishedAt: true }
      const rows = await db.brandPublication.findMany({ where: { publishedBy }, select, orderBy: { number: 'asc' } })
      return rows.map((row) => ({ id: '', ...row }))
    },
  },
  operatorEntries: {
    tables: ['operator_entries'],
    page: (db, { id: memberId }, after) =>
      db.operatorEntry.findMany({
        where: { memberId, id: later(after) },
        select: { id: true, operatorName: true, reason: true, createdAt: true, spentAt: true },
        ...ordered,
      }),
  },
  auditEvents: {
    tables: ['audit_events'],
    async page(db, { id: me }, after) {
      const select = {
        id: true,
        at: true,
        action: true,
        actorKind: true,
        actor: true,
        targetKind: true,
        address: true,
        userAgent: true,
        details: true,
      }
      const mine = { OR: [{ actor: me }, { actingAs: me }, { target: me }] }
      const rows = await db.auditEvent.findMany({ where: { ...mine, id: later(after) }, select, ...ordered })
      // From where somebody else did it is theirs.
      return rows.map(({ actor, actorKind, address, userAgent, ...row }) =>
        actor === me ? { ...row, by: 'self', address, userAgent } : { ...row, by: actorKind },
      )
    },
  },
}
