import { defineFlow } from '../../tenancy/define-flow.ts'
import { startExport } from '../account/export-me.ts'

/** The file itself, as the API gives it. */
export const exportPage = defineFlow({
  schema: { hide: true },
  handler: async (request, reply) => reply.send(await startExport(request, reply)),
})
