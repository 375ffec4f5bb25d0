import cookie from '@fastify/cookie'
import fastifyJwt, { type TokenOrHeader } from '@fastify/jwt'
import type { FastifyInstance, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { atMost } from '../src/at-most.ts'
import type { ApiKeyGrant, ApiKeys } from '../src/auth/api-keys/api-key-store.ts'
import type { SigningKeys } from '../src/auth/keys/signing-keys.ts'
import { enterSession, type Session } from '../src/auth/sessions/enter-session.ts'
import type { Operators } from '../src/auth/sessions/operators.ts'
import type { Standing, Standings } from '../src/auth/sessions/standing.ts'
import { accessCookie } from '../src/auth/sessions/token-answer.ts'
import type { Config } from '../src/config.ts'
import { problem } from '../src/errors.ts'
import { bearerApiKey } from '../src/security/api-key.ts'
import { clientNetwork } from '../src/security/client-network.ts'
import { canonicalOrigin } from '../src/tenancy/canonical-origin.ts'

/** Who calls, as far as permissions and the audit log go: a member, or a program with an API key. */
export interface Caller {
  kind: 'member' | 'api-key'
  id: string
  permissions: readonly string[]
  /** Id of the operator of the hub who acts as the member. */
  operator?: string
}

interface Claims {
  sub: string
  sid: string
  tid: string
  exp: number
}

type Named = Pick<Claims, 'sub' | 'sid'>

interface Verified {
  claims: Claims
  kid: unknown
}

declare module 'fastify' {
  interface FastifyInstance {
    signingKeys: SigningKeys
    standings: Standings
    operators: Operators
    /** Finds out who calls, by a live session or API key of this tenant, and sets `caller` and `session`; 401 where the request carries none. */
    authenticate(request: FastifyRequest): void | Promise<void>
    /** The same for one that was let in before its body came: whether its caller may still. That their token has expired meanwhile is no matter. */
    authenticateAgain(request: FastifyRequest): void | Promise<void>
    /** An onRequest hook for the scopes of the signed-in: 401 unless the request carries a live session or API key of this tenant. */
    requireSession: onRequestHookHandler
  }
  interface FastifyRequest {
    /** Only in a scope that has `requireSession`. */
    caller: Caller
    /** The same, where the caller is a member: `caller.kind` says so. */
    session: Session
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    /** `act` (RFC 8693, 4.1): the operator of the hub who acts as the subject. */
    payload: { tid: string; sid: string; auth_time: number; amr: string[]; act?: { sub: string; iss: string } }
    user: Claims
  }
}

export interface SessionOptions {
  config: Config
  signingKeys: SigningKeys
  standings: Standings
  apiKeys: ApiKeys
  operators: Operators
}

const keptTokens = 20_000

/** Access tokens by @fastify/jwt with each tenant's own ES256 keys, from the bearer header or the cookie; API keys from the header alone. */
async function sessionPlugin(app: FastifyInstance, { config, signingKeys, standings, apiKeys, operators }: SessionOptions): Promise<void> {
  await app.register(cookie)
  await app.register(fastifyJwt, {
    secret: {
      private: async (request: FastifyRequest) => (await signingKeys.of(request.tenant, request.db)).current.privatePem,
      public: async (request: FastifyRequest, token: TokenOrHeader) => publicKey(request, 'header' in token ? token.header.kid : token.kid),
    },
    decode: { complete: true },
    sign: { algorithm: 'ES256' },
    verify: { algorithms: ['ES256'], requiredClaims: ['iss', 'aud', 'sub', 'sid', 'tid', 'exp'], errorCacheTTL: 0, extractToken: tokenOf },
  })
  app.decorate('signingKeys', signingKeys)
  app.decorate('standings', standings)
  app.decorate('operators', operators)
  app.decorateRequest('session')
  app.decorateRequest('caller')

  async function publicKey({ tenant, db }: FastifyRequest, kid: unknown): Promise<string> {
    const { publicPems } = await signingKeys.of(tenant, db)
    const pem = typeof kid === 'string' ? publicPems.get(kid) : undefined
    if (!pem) throw problem('AUTH_TOKEN_INVALID')
    return pem
  }

  // A signature, once verified, stays so while its key is published and the token has not expired; what its holder may do is asked anew each time.
  const verified = new LRUCache<string, Verified>(atMost(keptTokens))

  function claimsOf(request: FastifyRequest): Claims | Promise<Claims> {
    const token = tokenOf(request)
    if (!token) throw problem('AUTH_REQUIRED')
    const key = `${request.tenant.id} ${request.tenant.version} ${token}`
    const known = verified.get(key)
    if (known && known.claims.exp * 1000 > Date.now() && isPublished(request, known.kid)) return known.claims
    return verify(request).then((claims) => {
      verified.set(key, { claims, kid: kidOf(token) })
      return claims
    })
  }

  /** As far as memory knows. Where it does not, the token is verified anew, which waits for the keys and hears of it when they cannot be read. */
  function isPublished({ tenant, db }: FastifyRequest, kid: unknown): boolean {
    const keys = signingKeys.of(tenant, db)
    if (!(keys instanceof Promise)) return typeof kid === 'string' && keys.publicPems.has(kid)
    keys.catch(() => {})
    return false
  }

  async function verify(request: FastifyRequest): Promise<Claims> {
    const { tenant } = request
    const allowedIss = canonicalOrigin(tenant, config.publicOrigin)
    try {
      const claims = await request.jwtVerify<Claims>({ allowedIss, allowedAud: tenant.id })
      if (claims.tid === tenant.id) return claims
    } catch (error) {
      if (!isTokenError(error)) throw error
    }
    throw problem('AUTH_TOKEN_INVALID')
  }

  function standingOf({ tenant, db }: FastifyRequest, { sub: memberId, sid: sessionId }: Named) {
    return standings.of({ tenantId: tenant.id, memberId, sessionId }, db)
  }

  function enter(request: FastifyRequest, { sub: memberId, sid: sessionId }: Named, member: Standing | undefined): void | Promise<void> {
    if (!member) throw problem('AUTH_TOKEN_INVALID')
    const { operator } = member
    const begin = (mayAct: boolean) => {
      if (!mayAct) throw problem('AUTH_TOKEN_INVALID')
      enterSession(request, { sessionId, memberId, member })
    }
    const mayAct = operator ? operators.mayAct(operator) : true
    return mayAct instanceof Promise ? mayAct.then(begin) : begin(mayAct)
  }

  function enterByKey(request: FastifyRequest, key: string): void | Promise<void> {
    const { tenant, db, ip, log } = request
    const begin = (grant: ApiKeyGrant) => {
      request.caller = { kind: 'api-key', ...grant }
    }
    const grant = apiKeys.of({ tenant, db, key, network: clientNetwork(ip), log })
    return grant instanceof Promise ? grant.then(begin) : begin(grant)
  }

  // Nearly always all is in memory; then nothing is awaited.
  function authenticate(request: FastifyRequest): void | Promise<void> {
    const key = bearerApiKey(request.headers.authorization)
    if (key !== undefined) return enterByKey(request, key)
    const claims = claimsOf(request)
    const member = claims instanceof Promise ? undefined : standingOf(request, claims)
    if (!(claims instanceof Promise || member instanceof Promise)) return enter(request, claims, member)
    const enterLater = async () => {
      const known = await claims
      await enter(request, known, await (member ?? standingOf(request, known)))
    }
    return enterLater()
  }

  function authenticateAgain(request: FastifyRequest): void | Promise<void> {
    const key = bearerApiKey(request.headers.authorization)
    if (key !== undefined) return enterByKey(request, key)
    const known = { sub: request.session.memberId, sid: request.session.sessionId }
    const member = standingOf(request, known)
    return member instanceof Promise ? member.then((found) => enter(request, known, found)) : enter(request, known, member)
  }

  app.decorate('authenticate', authenticate)
  app.decorate('authenticateAgain', authenticateAgain)
  const requireSession: onRequestHookHandler = (request, _reply, done) => settle(authenticate(request), done)
  app.decorate('requireSession', requireSession)

  // X-Tenant-ID counts because an API key comes with it, so that key has to be right wherever the request goes (src/tenancy/resolvers/header.ts).
  if (config.tenancy.resolvers.includes('header') && !config.tenancy.headerTrusted) {
    app.addHook('onRequest', (request, _reply, done) => {
      const { 'x-tenant-id': named, authorization } = request.headers
      const key = named ? bearerApiKey(authorization) : undefined
      settle(key === undefined ? undefined : enterByKey(request, key), done)
    })
  }
}

function settle(work: void | Promise<void>, done: HookHandlerDoneFunction): void {
  if (work instanceof Promise) work.then(() => done(), done)
  else done()
}

function tokenOf({ headers: { authorization }, cookies }: FastifyRequest): string {
  if (authorization === undefined) return cookies[accessCookie] ?? ''
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] ?? ''
}

/** Of a token that was verified. */
function kidOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()).kid
}

function isTokenError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^F(ST|AST)_JWT_/.test(String(error.code))
}

export const session = fp(sessionPlugin, { name: 'session', fastify: '5.x', dependencies: ['tenant'] })
