import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { readableOn } from '../tenancy/contrast.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { readSiteProfile, type SiteProfile } from '../tenancy/site-profile.ts'

export const themeCss = defineFlow({
  schema: { operationId: 'themeCss', summary: "The brand's colours as CSS custom properties", tags: ['site'], produces: ['text/css'] },
  async handler(request, reply) {
    const { publicCache: cache, config } = request.server
    const load = async () => renderTheme(await readSiteProfile(request.db, request.tenant, config.publicOrigin))
    await answerPublicly(request, reply, { cache, key: 'theme', load, type: 'text/css; charset=utf-8' })
  },
})

/** Only colours that the database has checked (#rrggbb) reach the stylesheet. */
function renderTheme({ brand: { colors } }: SiteProfile): string {
  const { primary, accent, surface, text } = colors
  return `:root{--primary:${primary};--on-primary:${readableOn(primary)};--accent:${accent};--surface:${surface};--text:${text}}`
}
