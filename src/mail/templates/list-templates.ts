import { Type } from 'typebox'
import { isMailKind, mailKinds } from '../../jobs/mail-kinds.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languages } from '../../tenancy/language.ts'
import { guide } from './guide.ts'
import { ownTemplateFields, shapeTemplate, Template } from './template.ts'

export const listTemplates = defineFlow({
  schema: {
    operationId: 'listMailTemplates',
    summary: 'The texts of every kind of mail in every language: the default, and the site’s own',
    tags: ['mail'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: {
      200: Type.Object(
        { guide: Type.String({ description: 'How such texts are written' }), items: Type.Array(Template) },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler({ db }) {
    const rows = await db.mailTemplate.findMany({ select: { kind: true, locale: true, ...ownTemplateFields } })
    const own = new Map(rows.map(({ kind, locale, ...text }) => [`${kind} ${locale}`, text]))
    const kinds = Object.keys(mailKinds).filter(isMailKind)
    const items = kinds.flatMap((kind) => languages.map((locale) => shapeTemplate({ kind, locale }, own.get(`${kind} ${locale}`))))
    return { guide, items }
  },
})
