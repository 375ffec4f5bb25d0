import type { FastifyInstance, FastifyRequest, onRequestHookHandler, preHandlerHookHandler, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { requireFreshProof } from '../src/auth/sessions/fresh-proof.ts'
import { problem } from '../src/errors.ts'
import { type Access, access } from '../src/tenancy/access.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Asks once more whether the caller may do this: after a body that took its time, what they may do can have been taken away. */
    confirmAccess(): Promise<void>
  }
}

export interface AccessOptions {
  /** What each route asks for, by method and address. */
  table?: Readonly<Record<string, Access>>
}

/**
 * Holds every route of a scope of the signed-in to its line in the table. A route without a line is a mistake of ours, and keeps the service from
 * starting. It goes after `requireSession`: shared hooks run before those of a route.
 */
async function accessPlugin(app: FastifyInstance, { table = access }: AccessOptions): Promise<void> {
  app.decorateRequest('confirmAccess', async function () {
    const name = `${this.method} ${this.routeOptions.url}`
    await admit(this, table[name] ?? unknown(name))
  })
  app.addHook('onRoute', (route) => {
    const rules = namesOf(route).map((name) => table[name] ?? unknown(name))
    const [rule] = rules
    if (!rule || rules.some((other) => other !== rule)) throw new TypeError(`${namesOf(route).join(', ')} do not ask for the same`)
    route.onRequest = [guard(rule), ...[route.onRequest ?? []].flat()]
    // A body may take its time, and what its sender may do can have been taken away meanwhile.
    route.preHandler = [guardAgain(rule), ...[route.preHandler ?? []].flat()]
  })
}

function namesOf({ method, url }: RouteOptions): string[] {
  // A HEAD is its GET without the body.
  return [method].flat().map((name) => `${name === 'HEAD' ? 'GET' : name} ${url}`)
}

function guard(access: Access): onRequestHookHandler {
  return (request, _reply, done) => {
    const refusal = refuse(request, access)
    if (refusal || !access.fresh) return done(refusal)
    requireFreshProof(request).then(() => done(), done)
  }
}

function guardAgain(access: Access): preHandlerHookHandler {
  return (request, _reply, done) => {
    if (request.body === undefined) return done()
    admit(request, access).then(() => done(), done)
  }
}

/** Throws where the caller may not, as of now. */
async function admit(request: FastifyRequest, access: Access): Promise<void> {
  await request.server.authenticateAgain(request)
  const refusal = refuse(request, access)
  if (refusal) throw refusal
  if (access.fresh) await requireFreshProof(request)
}

function refuse({ caller }: FastifyRequest, { permission, fresh, acting }: Access): Error | undefined {
  if (caller.kind !== 'member' && (fresh || !permission)) return problem('AUTH_PERSON_NEEDED')
  if (caller.operator && (fresh || !(permission || acting))) return problem('AUTH_OPERATOR_REFUSED')
  if (permission && !caller.permissions.includes(permission)) return problem('AUTH_FORBIDDEN')
  return undefined
}

function unknown(name: string): never {
  throw new TypeError(`${name} has no line in src/tenancy/access.ts: say who may use it`)
}

export const accessTable = fp(accessPlugin, { name: 'access', fastify: '5.x', dependencies: ['session'] })
