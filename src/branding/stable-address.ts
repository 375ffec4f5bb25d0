import { problem } from '../errors.ts'
import { addressIn, type BrandRole, planBrand } from '../tenancy/brand/brand-plan.ts'
import { readPublishedBrand } from '../tenancy/brand/published-brand.ts'
import { defineFlow } from '../tenancy/define-flow.ts'

/** An address that stays: it leads to the file that the brand in force has for it. Browsers and other sites' pages ask for these by themselves. */
export function stableAddress(role: BrandRole) {
  return defineFlow({
    schema: { hide: true },
    async handler({ tenant, db, server }, reply) {
      const load = async () => {
        const brand = await readPublishedBrand(db)
        if (!brand) throw problem('TENANT_UNKNOWN')
        return addressIn(planBrand(brand), role) ?? ''
      }
      const { bytes: address } = await server.publicCache.read(tenant, `address of ${role}`, load)
      if (address === '') throw problem('BRAND_FILE_UNKNOWN')
      return reply.header('cache-control', 'no-cache').redirect(address, 302)
    },
  })
}
