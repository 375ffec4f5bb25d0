import { Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languages } from '../../tenancy/language.ts'
import { permissions, platformPermissions } from '../../tenancy/permissions.ts'
import { mailLanguage } from '../account/mail-language.ts'
import { permissionWords } from './permission-words.ts'
import { PermissionName } from './role.ts'

export const listPermissions = defineFlow({
  schema: {
    operationId: 'listPermissions',
    summary: 'Everything that a role of this site can allow, in words',
    tags: ['staff'],
    querystring: Type.Object(
      { language: Type.Optional(Type.Enum([...languages], { type: 'string', description: "Default: the site's own" })) },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object(
        {
          items: Type.Array(
            Type.Object(
              {
                permission: PermissionName,
                allows: Type.String({ maxLength: 200 }),
                held: Type.Boolean({ description: 'Whether the caller can grant it' }),
              },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
      ...problems(400, 401, 403, 404, 503),
    },
  },
  async handler(request, reply) {
    const { tenant, caller, query } = request
    const language = await mailLanguage(request, query.language)
    const all = tenant.kind === 'platform' ? [...permissions, ...platformPermissions] : permissions
    reply.header('cache-control', 'no-store')
    return {
      items: all.map((permission) => ({
        permission,
        allows: permissionWords[permission][language],
        held: caller.permissions.includes(permission),
      })),
    }
  },
})
