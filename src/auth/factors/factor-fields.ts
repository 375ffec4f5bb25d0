import { Type } from 'typebox'

const strict = { additionalProperties: false }
const date = Type.String({ format: 'date-time', maxLength: 30 })

export const FactorId = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', maxLength: 36 })
/** ASCII digits alone: a pattern's `\d` is that, but says it less plainly. */
export const TotpCode = Type.String({ pattern: '^[0-9]{6}$', maxLength: 6, description: 'As the app shows it; good once' })
export const RecoveryCodeTyped = Type.String({ minLength: 10, maxLength: 40, description: 'In any case, with or without spaces and hyphens' })
export const FactorName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?=.*[\\p{L}\\p{N}])[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]{1,100}$',
  description: 'One line, such as "Phone"',
})

export const RecoveryCodes = Type.Array(Type.String({ maxLength: 11 }), { description: 'Shown this once' })

export const TotpSetupAnswer = Type.Object(
  {
    secret: Type.String({ maxLength: 64, description: 'Base32, for typing' }),
    uri: Type.String({ maxLength: 2_000, description: '`otpauth://`, for apps on the same device' }),
    qr: Type.String({ maxLength: 100_000, description: 'The same as an SVG element, for scanning' }),
  },
  strict,
)

export const PasskeyView = Type.Object(
  {
    id: FactorId,
    name: Type.String({ maxLength: 100 }),
    createdAt: date,
    lastUsedAt: Type.Union([date, Type.Null()]),
    backedUp: Type.Boolean({ description: 'Kept by a service that carries it to other devices' }),
  },
  strict,
)

export const FactorsAnswer = Type.Object(
  {
    required: Type.Boolean({ description: 'The site asks this member to have a second factor' }),
    totp: Type.Array(
      Type.Object({ id: FactorId, name: Type.String({ maxLength: 100 }), createdAt: date, lastUsedAt: Type.Union([date, Type.Null()]) }, strict),
    ),
    passkeys: Type.Array(PasskeyView),
    recoveryCodesLeft: Type.Integer(),
  },
  strict,
)
