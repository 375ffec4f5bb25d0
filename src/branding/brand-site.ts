import type { FastifyRequest } from 'fastify'
import type { BrandSite } from './files/brand-files.ts'

/** The site of a request. */
export function brandSite({ tenant, db, storage }: FastifyRequest): BrandSite {
  return { tenantId: tenant.id, version: tenant.version, db, storage }
}
