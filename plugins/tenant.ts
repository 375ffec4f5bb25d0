import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { problem } from '../src/errors.ts'
import type { Directory, Tenant } from '../src/tenancy/directory.ts'
import { normaliseHost } from '../src/tenancy/host-name.ts'
import { locateTenant } from '../src/tenancy/locate-tenant.ts'
import { slugOfPath } from '../src/tenancy/resolvers/path.ts'
import type { Resolver } from '../src/tenancy/resolvers/resolver.ts'

declare module 'fastify' {
  interface FastifyRequest {
    tenant: Tenant
  }
}

export interface TenantOptions {
  directory: Directory
  resolvers: readonly Resolver[]
}

/** Finds the tenant of every request in the scope, and answers those that have none. */
async function tenantPlugin(app: FastifyInstance, { directory, resolvers }: TenantOptions): Promise<void> {
  app.addHook('onRequest', (request, _reply, done) => {
    const located = locateTenant(resolvers, directory, { host: hostOf(request), headers: request.headers, pathSlug: slugOfPath(request.raw) })
    if (located instanceof Promise) {
      located.then((tenant) => {
        setTenant(request, tenant)
        done()
      }, done)
      return
    }
    setTenant(request, located)
    done()
  })
}

function setTenant(request: FastifyRequest, tenant: Tenant): void {
  request.tenant = tenant
  request.log = request.log.child({ tenantId: tenant.id })
}

/** Fastify reads X-Forwarded-Host only when the peer is a trusted proxy. Node keeps the first of two Host headers, and a proxy might the last. */
function hostOf(request: FastifyRequest): string {
  const raw = request.raw.rawHeaders
  let hosts = 0
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.length === 4 && raw[at]?.toLowerCase() === 'host') hosts++
  const host = hosts > 1 ? undefined : normaliseHost(request.host ?? '')
  if (host === undefined) throw problem('HOST_INVALID')
  return host
}

export const tenant = fp(tenantPlugin, { name: 'tenant', fastify: '5.x', dependencies: ['database'] })
