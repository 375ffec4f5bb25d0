import { type Static, Type } from 'typebox'
import { languages } from '../../tenancy/language.ts'
import type { Standing } from '../sessions/standing.ts'

const when = { format: 'date-time', maxLength: 30 }

export const OwnLanguage = Type.Union([Type.Enum([...languages], { type: 'string' }), Type.Null()], {
  description: 'What mails and pages speak to the member. Null: as the site does',
})

/** The signed-in member. */
export const Me = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    email: Type.String({ maxLength: 254 }),
    emailVerified: Type.Boolean(),
    name: Type.String({ maxLength: 200 }),
    language: OwnLanguage,
    createdAt: Type.String(when),
    eraseAt: Type.Union([Type.String(when), Type.Null()], { description: 'When nothing will be left of the account, where that is under way' }),
    roles: Type.Array(Type.String({ maxLength: 63 })),
    permissions: Type.Array(Type.String({ maxLength: 63 }), { description: '`area:verb`' }),
    operator: Type.Optional(
      Type.Object(
        { reason: Type.String({ maxLength: 500 }) },
        { additionalProperties: false, description: 'Set where an operator of the hub acts as the member: pages show a banner' },
      ),
    ),
  },
  { additionalProperties: false },
)
export type Me = Static<typeof Me>

export function shapeMe({ operator, createdAt, eraseAt, ...member }: Standing): Me {
  const shown = { ...member, createdAt: createdAt.toISOString(), eraseAt: eraseAt?.toISOString() ?? null }
  return operator ? { ...shown, operator: { reason: operator.reason } } : shown
}
