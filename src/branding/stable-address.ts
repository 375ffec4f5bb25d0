import { problem } from '../errors.ts'
import { addressIn, type BrandRole, brandRoles, planBrand } from '../tenancy/brand/brand-plan.ts'
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
        const plan = planBrand(brand)
        return JSON.stringify(Object.fromEntries(brandRoles.map((one) => [one, addressIn(plan, one)])))
      }
      const { bytes } = await server.publicCache.read(tenant, 'brand addresses', load)
      const address: unknown = Reflect.get(Object(JSON.parse(bytes)), role)
      if (typeof address !== 'string') throw problem('BRAND_FILE_UNKNOWN')
      return reply.header('cache-control', 'no-cache').redirect(address, 302)
    },
  })
}
