import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { databaseProblem } from '../src/db/sql-error.ts'
import { type ErrorCode, isProblem, type Problem, problem } from '../src/errors.ts'
import { imageProblem } from '../src/files/image-refusal.ts'
import { newId } from '../src/security/random-token.ts'
import { storageProblem } from '../src/storage/storage-problem.ts'

/** Every failure leaves here as RFC 9457 problem+json, from the one catalogue. A cause is logged once and never sent. */
async function problemPlugin(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => send(problem('ROUTE_UNKNOWN'), request, reply))
}

/** Also for what fails before a route is found. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  send(error, request, reply)
}

/** Node's own refusals, by its code. */
const unparsed: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

/** For what is not HTTP enough to become a request: the answer is written by hand and the connection ends. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const failure = problem(unparsed[error.code ?? ''] ?? 'REQUEST_INVALID')
  const requestId = newId()
  const body = JSON.stringify(problemBody(failure, requestId))
  const headers = [`content-type: ${mediaType}`, `content-length: ${body.length}`, 'cache-control: no-store', `x-request-id: ${requestId}`]
  socket.end([`HTTP/1.1 ${failure.statusCode} ${STATUS_CODES[failure.statusCode]}`, ...headers, 'connection: close', '', body].join('\r\n'), () =>
    socket.destroy(),
  )
}

const mediaType = 'application/problem+json; charset=utf-8'

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
  return databaseProblem(error) ?? storageProblem(error) ?? imageProblem(error) ?? problem('INTERNAL', { cause: error })
}

function send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = prepareProblem(error, request, reply)
  // A serialiser of its own: the route's schemas are for its answers, and this has to work for routes that were never found.
  reply.type(mediaType).serializer(JSON.stringify).send(problemBody(failure, request.id))
}

/** Logs the failure, and gives the reply its status and headers. The body is left to the caller: pages have another than the API. */
export function prepareProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Problem {
  const failure = asProblem(error)
  if (failure.cause) request.log[failure.statusCode === 500 ? 'error' : 'warn']({ err: failure.cause, code: failure.code }, failure.message)
  if (failure.retryAfter !== undefined) reply.header('retry-after', failure.retryAfter)
  if (failure.statusCode === 401) reply.header('www-authenticate', 'Bearer')
  forgetFile(failure, reply)
  reply.code(failure.statusCode).header('x-request-id', request.id).header('cache-control', 'no-store')
  return failure
}

/** What was to be sent is said beforehand (RFC 9110, 8 and 14), and a problem is another thing. */
const ofTheFile = ['etag', 'last-modified', 'accept-ranges', 'content-disposition', 'content-encoding']

function forgetFile({ statusCode }: Problem, reply: FastifyReply): void {
  // Of 416 it says how long the file is.
  for (const name of statusCode === 416 ? ofTheFile : [...ofTheFile, 'content-range']) reply.removeHeader(name)
}

function problemBody({ code, message, statusCode, issues }: Problem, requestId: string) {
  return { type: `urn:tenantry:problem:${code}`, title: message, status: statusCode, code, requestId, ...(issues ? { issues } : {}) }
}

export const problems = fp(problemPlugin, { name: 'problem', fastify: '5.x' })
