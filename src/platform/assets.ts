import { Type } from 'typebox'
import { defineFlow, type Scope } from '../tenancy/define-flow.ts'

const asset = defineFlow({
  schema: { hide: true, params: Type.Object({ file: Type.String({ maxLength: 200 }) }) },
  handler: (request, reply) => reply.sendHashed(request.params.file),
})

/** What pages of all sites load; it names no tenant, and is there before the database is. */
export async function assetRoutes(scope: Scope): Promise<void> {
  scope.get('/assets/:file', asset)
}
