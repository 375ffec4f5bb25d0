import type { TenantDb } from '../../db/client.ts'
import type { Brand } from '../../tenancy/brand/brand-plan.ts'
import { readPublication, readPublishedBrand } from '../../tenancy/brand/published-brand.ts'

/** The brand in force, then the earlier ones that one can return to, newest first. */
export async function* publishedBrands(db: TenantDb): AsyncGenerator<Brand> {
  const current = await readPublishedBrand(db)
  if (!current) return
  yield current
  const earlier = await db.brandPublication.findMany({
    where: { number: { lt: current.number } },
    orderBy: { number: 'desc' },
    select: { spec: true, images: true },
  })
  for (const publication of earlier) yield readPublication(publication)
}
