import { type Problem, problem } from '../errors.ts'

/** What a failed query has to say about itself, wherever Prisma or pg put it. */
interface Failure {
  /** PostgreSQL's own code: the server was reached and refused. */
  sqlState?: string
  /** Prisma's name for it, from the driver adapter. */
  kind?: string
  /** `P…` of Prisma, or `E…` of the operating system. */
  code?: string
  message: string
}

/** Deadlock, serialisation failure, lock or statement time-out: the same request may well succeed a little later. */
const busyStates = /^(40001|40P01|55P03|57014)$/
/** Connection exceptions, out of resources, operator intervention, idle transaction cut. */
const awayStates = /^(08|53|57P|25P0[34])/
/** A NUL byte, which PostgreSQL cannot store, or text that is no UTF-8: the caller's, when a schema let it through. */
const textStates = /^(22021|22P05)$/

const awayKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'])
const awayCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2037'])
const awaySockets = /^E(CONNREFUSED|CONNRESET|CONNABORTED|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)$/

/** pg gives these no code; the adapter hands them on as they are. */
const awayMessages = /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired)/
/** The pool had no connection to give, or the work took longer than a transaction may. */
const busyMessages = /^timeout exceeded when trying to connect|Unable to start a transaction in the given time|on an expired transaction/

/** SQLSTATE of a failed query, from Prisma's error or pg's own; undefined where PostgreSQL gave none. */
export function sqlState(error: unknown): string | undefined {
  return readFailure(error)?.sqlState
}

/** The problem that a failure of the database is to the caller; undefined where it is a fault of ours. */
export function databaseProblem(error: unknown): Problem | undefined {
  const failure = readFailure(error)
  if (!failure) return undefined
  if (failure.sqlState && textStates.test(failure.sqlState)) return problem('REQUEST_INVALID', { cause: error })
  if (isBusy(failure)) return problem('OVERLOADED', { retryAfter: 2, cause: error })
  if (isAway(failure)) return problem('DATABASE_UNAVAILABLE', { retryAfter: 2, cause: error })
  return undefined
}

function isBusy({ sqlState, code, message }: Failure): boolean {
  if (sqlState) return busyStates.test(sqlState)
  return code === 'P2024' || ((code === undefined || code === 'P2028') && busyMessages.test(lastLine(message)))
}

function isAway({ sqlState, kind, code, message }: Failure): boolean {
  if (sqlState) return awayStates.test(sqlState)
  if (kind !== undefined) return awayKinds.has(kind)
  if (code !== undefined) return awayCodes.has(code) || awaySockets.test(code)
  return awayMessages.test(lastLine(message))
}

/** Prisma puts the call that failed before the reason. */
function lastLine(message: string): string {
  return message.trimEnd().split('\n').at(-1) ?? ''
}

function readFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined
  const cause = driverCause(error)
  // pg's errors, and no others, have a severity beside their SQLSTATE.
  const sqlState = textOf(cause, 'originalCode') ?? ('severity' in error ? textOf(error, 'code') : undefined)
  const [kind, code] = [textOf(cause, 'kind'), textOf(error, 'code')]
  return { message: error.message, ...(sqlState && { sqlState }), ...(kind && { kind }), ...(code && { code }) }
}

function driverCause(error: Error): unknown {
  if (error.name === 'DriverAdapterError') return error.cause
  const meta: unknown = 'meta' in error ? error.meta : undefined
  if (typeof meta !== 'object' || meta === null || !('driverAdapterError' in meta)) return undefined
  return meta.driverAdapterError instanceof Error ? meta.driverAdapterError.cause : undefined
}

function textOf(holder: unknown, name: string): string | undefined {
  const value: unknown = typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
  return typeof value === 'string' ? value : undefined
}
