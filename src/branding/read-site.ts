import { problems } from '../problem-schema.ts'
import { answerPublicly } from '../tenancy/answer-publicly.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { readSiteProfile, SiteProfile } from '../tenancy/site-profile.ts'

export const readSite = defineFlow({
  schema: {
    operationId: 'readSite',
    summary: 'The site: names, origin, locale and brand',
    tags: ['site'],
    response: { 200: SiteProfile, ...problems(404, 503) },
  },
  handler(request, reply) {
    const { publicCache: cache, config } = request.server
    const load = async () => JSON.stringify(await readSiteProfile(request.db, request.tenant, config.publicOrigin))
    return answerPublicly(request, reply, { cache, key: 'site', load })
  },
})
