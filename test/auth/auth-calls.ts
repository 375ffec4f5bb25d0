import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { password, type TestSite } from '../app.ts'

export interface CallOptions {
  /** Address of the peer; default: one that nobody has used, so that limits by network stay out of the way. */
  from?: string
  headers?: Record<string, string>
  /** Another process than the first. */
  on?: FastifyInstance
}

export interface Tokens {
  accessToken: string
  refreshToken: string
  tokenType: string
  expiresIn: number
}

let networks = 0

/** An IPv4 address from the block for benchmarks, a new one each time. */
export function freshNetwork(): string {
  networks++
  return `198.18.${networks >> 8}.${networks & 255}`
}

/** The auth operations as a client makes them, against the site's host. */
export function authCalls(app: FastifyInstance) {
  const send = (site: { host: string }, request: InjectOptions, { from = freshNetwork(), headers = {}, on = app }: CallOptions = {}) =>
    on.inject({ ...request, remoteAddress: from, headers: { host: site.host, ...headers } })
  const post = (site: { host: string }, url: string, payload: InjectOptions['payload'], options?: CallOptions) =>
    send(site, { method: 'POST', url, ...(payload === undefined ? {} : { payload }) }, options)
  return {
    send,
    post,
    signIn: (site: { host: string }, payload: object, options?: CallOptions) => post(site, '/v1/auth/sign-in', payload, options),
    /** A new session of the site's owner. */
    async open(site: TestSite, options?: CallOptions): Promise<Tokens> {
      const answer = await post(site, '/v1/auth/sign-in', { email: site.owner.email, password }, options)
      if (answer.statusCode !== 200) throw new Error(`sign-in answered ${answer.body}`)
      return answer.json()
    },
    refresh: (site: { host: string }, refreshToken: string, options?: CallOptions) => post(site, '/v1/auth/refresh', { refreshToken }, options),
    me: (site: { host: string }, accessToken: string, options: CallOptions = {}) =>
      send(site, { url: '/v1/me' }, { ...options, headers: { authorization: `Bearer ${accessToken}`, ...options.headers } }),
  }
}

/** Status and code, which is what a client acts on. */
export function outcome(answer: LightMyRequestResponse): string {
  const isJson = /json(;|$)/.test(String(answer.headers['content-type'])) && !/ndjson/.test(String(answer.headers['content-type']))
  const body: unknown = isJson && answer.body ? answer.json() : undefined
  const code = body && typeof body === 'object' && 'code' in body ? ` ${body.code}` : ''
  return `${answer.statusCode}${code}`
}

/** A problem's body without what differs from request to request. */
export function withoutRequestId(answer: LightMyRequestResponse): object {
  const { requestId, ...rest } = answer.json()
  if (typeof requestId !== 'string') throw new Error('the problem has no requestId')
  return rest
}

export const claimsOf = (accessToken: string) => ({ header: decodeProtectedHeader(accessToken), claims: decodeJwt(accessToken) })

/** What a browser would send back, from the answer's Set-Cookie. */
export function cookieHeader(answer: LightMyRequestResponse): string {
  return answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}
