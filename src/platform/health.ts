import { Type } from 'typebox'
import { problems } from '../problem-schema.ts'
import type { Scope } from '../tenancy/define-flow.ts'
import { defineFlow } from '../tenancy/define-flow.ts'

const State = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false })

/** The process runs. Says nothing about the database: restarting this process would not bring that back. */
const healthz = defineFlow({
  schema: { operationId: 'healthz', summary: 'Whether the process runs', tags: ['health'], response: { 200: State } },
  handler: async () => ({ status: 'ok' as const }),
})

/** The service can serve: its walls are proven and its database answers. */
const readyz = defineFlow({
  schema: { operationId: 'readyz', summary: 'Whether the service can serve', tags: ['health'], response: { 200: State, ...problems(503) } },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    await request.server.readiness.check()
    return { status: 'ok' as const }
  },
})

/** For the platform that runs the process; these name no tenant. */
export async function healthRoutes(scope: Scope): Promise<void> {
  // Under pressure too, where a restart would not help. Not so /readyz: who answers 503 to visitors is not to be sent any, as right after a start.
  scope.get('/healthz', { ...healthz, config: { pressureHandler: () => undefined }, logLevel: 'warn' })
  scope.get('/readyz', { ...readyz, logLevel: 'warn' })
}
