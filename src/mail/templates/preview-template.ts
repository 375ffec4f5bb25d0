import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { readMailSite } from '../outbox/mail-site.ts'
import { findPlace, TemplateAddress, TemplateText, templateBodyLimit, tryTemplate } from './template.ts'

export const previewTemplate = defineFlow({
  schema: {
    operationId: 'previewMailTemplate',
    summary: 'A mail as these words would make it, with sample values and the site’s brand. Keeps and sends nothing',
    tags: ['mail'],
    security: [{ bearer: [] }, { cookie: [] }],
    params: TemplateAddress,
    body: TemplateText,
    response: {
      200: Type.Object(
        { subject: Type.String(), html: Type.String({ description: 'A page of its own; show it in a sandboxed frame' }), text: Type.String() },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 413, 422, 503),
    },
  },
  bodyLimit: templateBodyLimit,
  async handler({ db, tenant, params, body, server }) {
    const place = findPlace(params)
    const site = await readMailSite(db, tenant, server.config.publicOrigin)
    const draft = await tryTemplate(place, body, site)
    const { renderMail } = await import('./render-mail.ts')
    const { subject, html, text } = await renderMail(draft)
    return { subject, html: withLogo(html, site.logo), text }
  },
})

/** Outside of a mail there is no part to refer to. No text can look like the reference: its quotes would be escaped. */
function withLogo(html: string, logo: Uint8Array | undefined): string {
  if (!logo) return html
  return html.replace('src="cid:logo"', `src="data:image/png;base64,${Buffer.from(logo).toString('base64')}"`)
}
