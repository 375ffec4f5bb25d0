import { type Static, Type } from 'typebox'
import { permissions, platformPermissions } from '../../tenancy/permissions.ts'

const strict = { additionalProperties: false }
const when = { format: 'date-time', maxLength: 30 }

export const GrantedPermission = Type.Enum([...permissions, ...platformPermissions], { type: 'string' })

/** Without the key itself: that is shown once, when it is made. */
export const ApiKey = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    name: Type.String({ maxLength: 100 }),
    permissions: Type.Array(Type.String({ maxLength: 63 }), { description: '`area:verb`' }),
    createdBy: Type.Union([Type.String({ maxLength: 36 }), Type.Null()], { description: 'Id of the member who made it' }),
    createdAt: Type.String(when),
    expiresAt: Type.Union([Type.String(when), Type.Null()]),
    lastUsedAt: Type.Union([Type.String(when), Type.Null()], { description: 'To the minute' }),
    revokedAt: Type.Union([Type.String(when), Type.Null()]),
  },
  strict,
)

export const apiKeyFields = {
  id: true,
  name: true,
  permissions: true,
  createdBy: true,
  createdAt: true,
  expiresAt: true,
  lastUsedAt: true,
  revokedAt: true,
} as const

interface ApiKeyRow {
  id: string
  name: string
  permissions: string[]
  createdBy: string | null
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

export function shapeApiKey({ createdAt, expiresAt, lastUsedAt, revokedAt, ...row }: ApiKeyRow): Static<typeof ApiKey> {
  const text = (date: Date | null) => date?.toISOString() ?? null
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: text(expiresAt), lastUsedAt: text(lastUsedAt), revokedAt: text(revokedAt) }
}
