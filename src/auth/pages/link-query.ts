import { Type } from 'typebox'

/** What a mailed link brings. Scanners and mail programs add parameters of their own. */
export const LinkQuery = Type.Object({ token: Type.Optional(Type.String({ maxLength: 200 })) })
