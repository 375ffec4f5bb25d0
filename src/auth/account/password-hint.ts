import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languageOf, languages, visitorLanguage } from '../../tenancy/language.ts'
import { TypedPassword } from './account-fields.ts'
import { countPasswordHint } from './account-limits.ts'
import { siteNames } from './require-good-password.ts'

const strict = { additionalProperties: false }
const sentence = { maxLength: 200 }

export const passwordHint = defineFlow({
  schema: {
    operationId: 'passwordHint',
    summary: 'How hard a password is to guess, while it is typed. It decides nothing: 400 PASSWORD_WEAK of the operation that takes it does',
    tags: ['auth'],
    body: Type.Object(
      {
        password: TypedPassword,
        language: Type.Optional(Type.Enum([...languages], { type: 'string', description: "Default: by Accept-Language, else the site's own" })),
        words: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: 254 }), {
            maxItems: 10,
            description: 'What is known of its owner, such as name and address',
          }),
        ),
      },
      strict,
    ),
    response: {
      200: Type.Object(
        {
          score: Type.Integer({ minimum: 0, maximum: 4, description: 'zxcvbn: from 3 on it is good' }),
          warning: Type.String({ ...sentence, description: 'What is easy to guess about it; empty where nothing is' }),
          suggestions: Type.Array(Type.String(sentence)),
        },
        strict,
      ),
      ...problems(400, 403, 404, 413, 415, 429, 503),
    },
  },
  bodyLimit: 8192,
  async handler(request, reply) {
    const { password, language, words = [] } = request.body
    await countPasswordHint(request)
    const site = await request.db.site.findFirst({ select: { locale: true } })
    const spoken = languageOf(language ?? visitorLanguage(request.headers['accept-language'], site?.locale ?? ''))
    reply.header('cache-control', 'no-store')
    return request.server.passwordHints.hint({ password, language: spoken, words: [...words, ...(await siteNames(request))] })
  },
})
