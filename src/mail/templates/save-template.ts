import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { readMailSite } from '../outbox/mail-site.ts'
import {
  findPlace,
  ownTemplateFields,
  shapeTemplate,
  Template,
  TemplateAddress,
  TemplateText,
  templateBodyLimit,
  templateTarget,
  tryTemplate,
} from './template.ts'

export const saveTemplate = defineFlow({
  schema: {
    operationId: 'saveMailTemplate',
    summary: 'Give a kind of mail words of the site’s own in one language',
    tags: ['mail'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: TemplateAddress,
    body: TemplateText,
    response: { 200: Template, ...problems(400, 401, 403, 404, 413, 422, 503) },
  },
  bodyLimit: templateBodyLimit,
  async handler(request) {
    const { db, tenant, params, body, server } = request
    const place = findPlace(params)
    const text = { subject: body.subject, body: body.body.replaceAll(/\r\n?/g, '\n') }
    await tryTemplate(place, text, await readMailSite(db, tenant, server.config.publicOrigin))
    const saved = await db.$transaction(async (tx) => {
      await recordEvent(tx, originOf(request), { action: 'mail-template.changed', target: templateTarget(place) })
      return tx.mailTemplate.upsert({
        where: { tenantId_kind_locale: { tenantId: tenant.id, ...place } },
        create: { tenantId: tenant.id, ...place, ...text },
        update: { ...text, brokenAt: null },
        select: ownTemplateFields,
      })
    })
    return shapeTemplate(place, saved)
  },
})
