import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { databaseProblem } from '../src/db/sql-error.ts'
import { type ErrorCode, isProblem, type Problem, problem } from '../src/errors.ts'

/** Every failure leaves here as RFC 9457 problem+json, from the one catalogue. A cause is logged once and never sent. */
async function problemPlugin(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => send(problem('ROUTE_UNKNOWN'), request, reply))
}

/** Also for what fails before a route is found. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  send(asProblem(error), request, reply)
}

/** Fastify's own refusals, by its code. */
const ours: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INVALID',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNSUPPORTED',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_BAD_URL: 'ROUTE_UNKNOWN',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_UNKNOWN',
  FST_ERR_HANDLER_TIMEOUT: 'OVERLOADED',
  FST_UNDER_PRESSURE: 'OVERLOADED',
}

function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = ours[code]
  if (known === 'OVERLOADED') return problem(known, { retryAfter: 2 })
  if (known) return problem(known)
  // secure-json-parse: __proto__ and constructor keys, and JSON that is none.
  if (error instanceof SyntaxError && 'statusCode' in error && error.statusCode === 400) return problem('BODY_INVALID')
  return databaseProblem(error) ?? problem('INTERNAL', { cause: error })
}

function send(failure: Problem, request: FastifyRequest, reply: FastifyReply): void {
  if (failure.cause) request.log[failure.statusCode === 500 ? 'error' : 'warn']({ err: failure.cause, code: failure.code }, failure.message)
  if (failure.retryAfter !== undefined) reply.header('retry-after', failure.retryAfter)
  if (failure.statusCode === 401) reply.header('www-authenticate', 'Bearer')
  // A serialiser of its own: the route's schemas are for its answers, and this has to work for routes that were never found.
  reply
    .code(failure.statusCode)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problemBody(failure, request.id))
}

function problemBody({ code, message, statusCode, issues }: Problem, requestId: string) {
  return { type: `urn:tenantry:problem:${code}`, title: message, status: statusCode, code, requestId, ...(issues ? { issues } : {}) }
}

export const problems = fp(problemPlugin, { name: 'problem', fastify: '5.x' })
