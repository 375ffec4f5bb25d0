import { type Static, Type } from 'typebox'
import { failureReasons } from '../providers/provider.ts'

/** A mail in the outbox, as staff see it: what it was and what became of it, never its words or links. */
export const Message = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    kind: Type.String({ maxLength: 41 }),
    recipient: Type.String({ maxLength: 254 }),
    language: Type.String({ maxLength: 2 }),
    status: Type.Enum(['queued', 'sent', 'dead', 'suppressed', 'expired'], {
      type: 'string',
      description: 'dead: the server refuses it, or it was tried for too long. expired: its link ran out before it could be sent',
    }),
    attempts: Type.Integer(),
    lastError: Type.Union([Type.String({ maxLength: 200 }), Type.Null()], { description: 'Why it was not sent at the last try' }),
    nextAttemptAt: Type.Union([Type.String({ format: 'date-time', maxLength: 30 }), Type.Null()]),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
    sentAt: Type.Union([Type.String({ format: 'date-time', maxLength: 30 }), Type.Null()]),
  },
  { additionalProperties: false },
)
export type Message = Static<typeof Message>

export const messageFields = {
  id: true,
  kind: true,
  recipient: true,
  locale: true,
  status: true,
  attempts: true,
  lastError: true,
  nextAttemptAt: true,
  createdAt: true,
  sentAt: true,
} as const

interface Row {
  id: string
  kind: string
  recipient: string
  locale: string
  status: string
  attempts: number
  lastError: string | null
  nextAttemptAt: Date
  createdAt: Date
  sentAt: Date | null
}

const statuses = ['queued', 'sent', 'dead', 'suppressed', 'expired'] as const

export function shapeMessage({ id, kind, recipient, locale, attempts, lastError, ...row }: Row): Message {
  const status = statuses.find((one) => one === row.status) ?? 'queued'
  return {
    id,
    kind,
    recipient,
    language: locale,
    status,
    attempts,
    lastError: lastError && inWords(lastError),
    nextAttemptAt: status === 'queued' ? row.nextAttemptAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
  }
}

function inWords(reason: string): string {
  return Object.entries(failureReasons).find(([name]) => name === reason)?.[1].says ?? reason
}
