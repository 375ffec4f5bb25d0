import { Type } from 'typebox'

/** RFC 9457, with a stable `code` and the request's id. */
export const ProblemBody = Type.Object(
  {
    type: Type.String({ maxLength: 200 }),
    title: Type.String({ maxLength: 200 }),
    status: Type.Integer(),
    code: Type.String({ maxLength: 64 }),
    requestId: Type.String({ maxLength: 64 }),
    issues: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String(), message: Type.String(), reason: Type.Optional(Type.String()) }, { additionalProperties: false }),
        {
          description: 'What is wrong with the request, by JSON pointer',
        },
      ),
    ),
  },
  { additionalProperties: false, $id: 'Problem' },
)

/** For a flow's `response`: the failures it can answer with. */
export function problems<const Status extends number>(...statuses: Status[]): Record<Status, typeof ProblemBody> {
  return Object.fromEntries(statuses.map((status) => [status, ProblemBody])) as Record<Status, typeof ProblemBody>
}
