import { type Problem, problem } from '../errors.ts'

/** SQLSTATE of a failed query, from Prisma's error or pg's own; undefined where there is none. */
export function sqlState(error: unknown): string | undefined {
  const cause = driverCause(error)
  if (typeof cause?.originalCode === 'string') return cause.originalCode
  if (typeof cause?.code === 'string') return cause.code
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)) return error.code
  return undefined
}

const unreachable =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_AGAIN|terminat|timeout exceeded when trying to connect|timeout expired|not queryable|connection/i
const prismaUnreachable = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
/** Connection exceptions, operator intervention, too many connections, out of resources. */
const passingStates = /^(08|57P|53)/

/** The problem that a failure of the database is to the caller; undefined where it is a fault of ours. */
export function databaseProblem(error: unknown): Problem | undefined {
  const state = sqlState(error)
  // A NUL byte, which PostgreSQL cannot store, or text that is no UTF-8: the caller's, when a schema let it through.
  if (state === '22021' || state === '22P05') return problem('REQUEST_INVALID', { cause: error })
  if (state === '57014') return problem('OVERLOADED', { retryAfter: 2, cause: error })
  if (state ? passingStates.test(state) : isUnreachable(error)) return problem('DATABASE_UNAVAILABLE', { retryAfter: 2, cause: error })
  return undefined
}

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && prismaUnreachable.has(String(error.code))) return true
  const kind = driverCause(error)?.kind
  if (kind === 'DatabaseNotReachable' || kind === 'ConnectionClosed' || kind === 'SocketTimeout' || kind === 'TooManyConnections') return true
  return error.name.startsWith('PrismaClient') || error.name === 'DriverAdapterError' || kind
    ? unreachable.test(error.message) && !('code' in error && /^P20(02|03|25)$/.test(String(error.code)))
    : 'code' in error && unreachable.test(String(error.code))
}

interface DriverCause {
  kind?: unknown
  code?: unknown
  originalCode?: unknown
}

function driverCause(error: unknown): DriverCause | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'DriverAdapterError' && error.cause && typeof error.cause === 'object') return error.cause
  if (!('meta' in error) || typeof error.meta !== 'object' || error.meta === null || !('driverAdapterError' in error.meta)) return undefined
  const inner: unknown = error.meta.driverAdapterError
  return inner instanceof Error && inner.cause && typeof inner.cause === 'object' ? inner.cause : undefined
}
