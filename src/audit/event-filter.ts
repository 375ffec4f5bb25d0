import { type Static, Type } from 'typebox'
import { problem } from '../errors.ts'
import { auditActions } from './actions.ts'

const Moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', maxLength: 35, description }))

/** Of a query string. */
export const period = { from: Moment('Not before'), to: Moment('Before') }
export const filters = {
  ...period,
  action: Type.Optional(Type.Enum([...auditActions], { type: 'string' })),
  actor: Type.Optional(Type.String({ format: 'uuid', maxLength: 36, description: 'Id of the member, API key or operator who did it' })),
  target: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Id of what it was done to' })),
}
const Filter = Type.Object(filters)
export type Filter = Static<typeof Filter>

/** How far the clock of a copy may be from that of the database. Milliseconds. */
const slack = 10 * 60_000

/** What Prisma asks for. Ids begin with their time: with a range of them a period is a range of each index, which `at` then makes exact. */
export function whereOf({ action, actor, target, ...bounds }: Filter) {
  const from = readMoment('/from', bounds.from)
  const to = readMoment('/to', bounds.to)
  return {
    ...(action === undefined ? {} : { action }),
    ...(actor === undefined ? {} : { actor: actor.toLowerCase() }),
    ...(target === undefined ? {} : { target }),
    ...(from || to ? { at: { ...(from ? { gte: from } : {}), ...(to ? { lt: to } : {}) } } : {}),
    id: { ...(from ? { gte: firstIdAt(from.getTime() - slack) } : {}), ...(to ? { lt: firstIdAt(to.getTime() + slack) } : {}) },
  }
}

/** The format knows leap seconds and years that neither a Date nor an id of version 7 has. */
function readMoment(path: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(text)
  if (!(date.getTime() >= 0 && date.getUTCFullYear() <= 9999)) {
    throw problem('REQUEST_INVALID', { issues: [{ path, message: 'must be a time from 1970 on' }] })
  }
  return date
}

function firstIdAt(time: number): string {
  const hex = Math.max(0, time).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
