import { type Static, Type } from 'typebox'
import type { TenantDb } from '../../db/client.ts'

/** An address that gets no mail from this site any more, and why. */
export const Suppression = Type.Object(
  {
    email: Type.String({ maxLength: 254 }),
    reason: Type.Enum(['bounce', 'complaint', 'manual'], { type: 'string' }),
    detail: Type.String({ maxLength: 200, description: 'Of a bounce: the status code that the mail server gave (RFC 3463)' }),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
  },
  { additionalProperties: false },
)
export type Suppression = Static<typeof Suppression>

const reasons = ['bounce', 'complaint', 'manual'] as const

export interface SuppressionRow {
  emailKey: string
  reason: string
  detail: string
  createdAt: Date
}

export function shapeSuppression({ emailKey, reason, detail, createdAt }: SuppressionRow): Suppression {
  return { email: emailKey, reason: reasons.find((one) => one === reason) ?? 'manual', detail, createdAt: createdAt.toISOString() }
}

export const suppressionFields = { emailKey: true, reason: true, detail: true, createdAt: true } as const

/** Which of these addresses, in their normalised form, get no mail from the site. */
export async function suppressedAmong(db: TenantDb, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const rows = await db.mailSuppression.findMany({ where: { emailKey: { in: [...new Set(keys)] } }, select: { emailKey: true } })
  return new Set(rows.map(({ emailKey }) => emailKey))
}

export interface NewSuppression {
  tenantId: string
  emailKey: string
  reason: (typeof reasons)[number]
  detail?: string
}

/** Whether it was not so before: where the address is suppressed already, the first reason stays. */
export async function suppress(db: Pick<TenantDb, 'mailSuppression'>, { tenantId, emailKey, reason, detail = '' }: NewSuppression): Promise<boolean> {
  const { count } = await db.mailSuppression.createMany({ data: [{ tenantId, emailKey, reason, detail }], skipDuplicates: true })
  return count > 0
}
