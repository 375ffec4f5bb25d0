import { problem } from '../errors.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { planBrand } from '../tenancy/brand/brand-plan.ts'
import { readPublishedBrand } from '../tenancy/brand/published-brand.ts'
import { defineFlow } from '../tenancy/define-flow.ts'

/** At an address that stays, for pages that are not ours: asked again each time, and answered 304. */
export const themeCss = defineFlow({
  schema: { operationId: 'themeCss', summary: "The brand's colours and fonts as CSS custom properties", tags: ['site'], produces: ['text/css'] },
  async handler(request, reply) {
    const { publicCache: cache } = request.server
    const load = async () => {
      const brand = await readPublishedBrand(request.db)
      const theme = brand && planBrand(brand).get('theme')?.making
      if (theme?.is !== 'text') throw problem('TENANT_UNKNOWN')
      return theme.text
    }
    await answerPublicly(request, reply, { cache, key: 'theme', load, type: 'text/css; charset=utf-8' })
  },
})
