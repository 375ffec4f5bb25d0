import { type Static, Type } from 'typebox'
import { withdrawnAt } from './key-set.ts'

/** What there is to tell of a row of `signing_keys`. */
export interface KeyRow {
  id: string
  createdAt: Date
  activatesAt: Date
  retiredAt: Date | null
}

const when = () => Type.String({ format: 'date-time', maxLength: 30 })

export const SigningKey = Type.Object(
  {
    kid: Type.String({ maxLength: 100 }),
    state: Type.Union([Type.Literal('pending'), Type.Literal('current'), Type.Literal('retired')], {
      description: 'All are published. `pending` does not sign yet, `retired` signs no more',
    }),
    createdAt: when(),
    activatesAt: Type.String({ format: 'date-time', maxLength: 30, description: 'Signs from then' }),
    retiredAt: Type.Union([when(), Type.Null()], { description: 'Signs until then; lies ahead while the next one is pending' }),
  },
  { additionalProperties: false },
)

export function shapeKey({ id: kid, createdAt, activatesAt, retiredAt }: KeyRow, now = new Date()): Static<typeof SigningKey> {
  return {
    kid,
    state: stateOf({ activatesAt, retiredAt }, now),
    createdAt: createdAt.toISOString(),
    activatesAt: activatesAt.toISOString(),
    retiredAt: retiredAt?.toISOString() ?? null,
  }
}

/** Those that are published, newest first. */
export function publishedKeys<Row extends KeyRow>(rows: readonly Row[], now = new Date()): Row[] {
  const published = rows.filter(({ retiredAt }) => !retiredAt || withdrawnAt(retiredAt.getTime()) > now.getTime())
  return published.toSorted((one, other) => other.activatesAt.getTime() - one.activatesAt.getTime())
}

function stateOf({ activatesAt, retiredAt }: Pick<KeyRow, 'activatesAt' | 'retiredAt'>, now: Date): 'pending' | 'current' | 'retired' {
  if (activatesAt > now) return 'pending'
  return retiredAt && retiredAt <= now ? 'retired' : 'current'
}
