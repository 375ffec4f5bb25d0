import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { problems } from '../../problem-schema.ts'
import { placeOf } from '../../security/country.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { type Language, languages } from '../../tenancy/language.ts'
import { readAddressee } from './addressee.ts'
import { describeDevice } from './device.ts'
import { methods } from './method.ts'
import { describePlace } from './place.ts'

const strict = { additionalProperties: false }
const time = (description: string) => Type.String({ format: 'date-time', maxLength: 30, description })

const SessionItem = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    current: Type.Boolean({ description: 'The session of this very request' }),
    device: Type.String({ maxLength: 120, description: 'Browser and system, in words' }),
    place: Type.String({ maxLength: 120, description: 'Country of its last address, in words' }),
    methods: Type.Array(Type.Enum([...methods], { type: 'string' }), { description: 'What was shown to open it, and since' }),
    createdAt: time('When it was opened'),
    lastSeenAt: time('When it last showed its refresh token'),
    expiresAt: time('When it is over unless it is used before'),
    operator: Type.Boolean({ description: 'An operator of the hub acts as the member in it' }),
  },
  strict,
)
export type SessionItem = Static<typeof SessionItem>

export const listSessions = defineFlow({
  schema: {
    operationId: 'listSessions',
    summary: "The member's live sessions: this one, then the others by when they were last seen. A hundred at most",
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    querystring: Type.Object(
      {
        language: Type.Optional(Type.Enum([...languages], { type: 'string', description: "Of the words. Default: the member's own, or the site's" })),
      },
      strict,
    ),
    response: { 200: Type.Object({ items: Type.Array(SessionItem) }, strict), ...problems(400, 401, 403, 404, 503) },
  },
  async handler(request, reply) {
    reply.header('cache-control', 'no-store')
    return { items: await readSessions(request, request.query.language) }
  },
})

const listed = 100

interface SessionRow extends Omit<SessionItem, 'current' | 'device' | 'place' | 'createdAt' | 'lastSeenAt' | 'expiresAt'> {
  userAgent: string
  address: string
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
}

export async function readSessions({ db, session }: FastifyRequest, wish?: Language): Promise<SessionItem[]> {
  const { sessionId, memberId } = session
  const language = wish ?? (await readAddressee(db, memberId)).language
  const rows = await db.$queryRaw<SessionRow[]>`
    select s.id, s.user_agent as "userAgent", s.address, s.methods, s.created_at as "createdAt", s.operator is not null as operator,
      coalesce(s.rotated_at, s.created_at) as "lastSeenAt", least(s.expires_at, s.idle_expires_at) as "expiresAt"
    from sessions s join members m on m.tenant_id = s.tenant_id and m.id = s.member_id
    where s.member_id = ${memberId}::uuid and s.epoch = m.epoch and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()
    order by s.id = ${sessionId}::uuid desc, "lastSeenAt" desc, s.id limit ${listed}`
  return Promise.all(rows.map((row) => describe(row, { language, current: row.id === sessionId })))
}

async function describe(
  { userAgent, address, createdAt, lastSeenAt, expiresAt, ...row }: SessionRow,
  { language, current }: { language: Language; current: boolean },
): Promise<SessionItem> {
  return {
    ...row,
    current,
    device: describeDevice(userAgent, language),
    place: describePlace(await placeOf(address), language),
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
}
