import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'
import type { SecretPlace } from '../../security/secret-box.ts'
import { type FailureReason, failureReasons } from '../providers/provider.ts'

const when = Type.Union([Type.String({ format: 'date-time', maxLength: 30 }), Type.Null()])

export const providerNames = ['none', 'smtp', 'resend'] as const
export const securities = ['tls', 'starttls', 'none'] as const

/** A site's mail account as its staff see it. Its secret goes in and never comes out. */
export const MailAccount = Type.Object(
  {
    provider: Type.Enum([...providerNames], { type: 'string', description: '`none`: the platform sends, if `fallback` lets it' }),
    host: Type.String({ maxLength: 253 }),
    port: Type.Integer(),
    security: Type.Enum([...securities], { type: 'string' }),
    username: Type.String({ maxLength: 320 }),
    hasSecret: Type.Boolean(),
    sender: Type.Object({ name: Type.String({ maxLength: 100 }), address: Type.String({ maxLength: 254 }) }, { additionalProperties: false }),
    replyTo: Type.String({ maxLength: 254, description: 'Empty: answers go to the sender' }),
    fallback: Type.Boolean({ description: "Whether the platform's account sends while this one is missing or paused" }),
    dailyCap: Type.Integer({ description: 'Mails a day (UTC)' }),
    verifiedAt: Type.Union(when.anyOf, { description: 'When the server last took these settings' }),
    state: Type.Object(
      {
        failures: Type.Integer({ description: 'Of the server as a whole, in a row' }),
        lastFailure: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
        pausedUntil: Type.Union(when.anyOf, { description: 'The server is left alone until then' }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type MailAccount = Static<typeof MailAccount>

export type AccountRow = NonNullable<Awaited<ReturnType<TenantDb['mailAccount']['findFirst']>>>

/** A site that never set anything up. */
const untouched: MailAccount = {
  provider: 'none',
  host: '',
  port: 0,
  security: 'tls',
  username: '',
  hasSecret: false,
  sender: { name: '', address: '' },
  replyTo: '',
  fallback: true,
  dailyCap: 1_000,
  verifiedAt: null,
  state: { failures: 0, lastFailure: null, pausedUntil: null },
}

export function shapeAccount(row: AccountRow | null): MailAccount {
  if (!row) return untouched
  return {
    provider: providerNames.find((name) => name === row.provider) ?? 'none',
    host: row.host,
    port: row.port,
    security: securities.find((name) => name === row.security) ?? 'tls',
    username: row.username,
    hasSecret: row.sealedSecret !== null,
    sender: { name: row.senderName, address: row.senderAddress },
    replyTo: row.replyTo,
    fallback: row.fallback,
    dailyCap: row.dailyCap,
    verifiedAt: row.verifiedAt?.toISOString() ?? null,
    state: {
      failures: row.failures,
      lastFailure: isReason(row.lastFailure) ? failureReasons[row.lastFailure].says : null,
      pausedUntil: row.pausedUntil?.toISOString() ?? null,
    },
  }
}

export function secretPlace(tenantId: string): SecretPlace {
  return { tenantId, field: 'mail_accounts.sealed_secret' }
}

function isReason(kept: string | null): kept is FailureReason {
  return kept !== null && Object.hasOwn(failureReasons, kept)
}
