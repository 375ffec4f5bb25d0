import { Type } from 'typebox'
import { problem } from '../errors.ts'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { brandSite } from './brand-site.ts'

export const brandFile = defineFlow({
  schema: {
    operationId: 'brandFile',
    summary: "A file of the site's brand",
    description: 'Names change with what they name: it may be kept for ever. `GET /v1/site` gives the addresses.',
    tags: ['site'],
    params: Type.Object({ file: Type.String({ maxLength: 60, pattern: '^[a-z0-9-]{1,20}\\.[A-Za-z0-9_-]{16}\\.[a-z0-9]{2,11}$' }) }),
    response: { 200: Type.String({ format: 'binary' }), ...problems(400, 404, 500, 503, 507) },
  },
  async handler(request, reply) {
    const found = await request.server.brandFiles.find(brandSite(request), request.params.file)
    if (!found) throw problem('BRAND_FILE_UNKNOWN')
    return reply.sendHashed(found.name, found.folder)
  },
})
