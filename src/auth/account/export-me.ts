import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import type { TenantDb } from '../../db/client.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { countDearAct } from './account-limits.ts'
import { type ExportSection, exportPage, exportSections, type Subject } from './export-sections.ts'

export const exportMe = defineFlow({
  schema: {
    operationId: 'exportMe',
    summary: 'Everything that the site holds about the signed-in member, as a file',
    tags: ['auth'],
    security: [{ bearer: [] }, { cookie: [] }],
    response: {
      200: Type.Unsafe<Readable>({
        type: 'string',
        description: 'A JSON object: when it was made, `profile`, and one list for each kind of record. Secrets are not in it',
      }),
      ...problems(401, 403, 404, 429, 503),
    },
  },
  handler: async (request, reply) => reply.send(await startExport(request, reply)),
})

/** The file, under the headers of one to keep. */
export async function startExport(request: FastifyRequest, reply: FastifyReply): Promise<Readable> {
  const { db, session } = request
  const id = session.memberId
  await countDearAct(request)
  await recordEvent(db, originOf(request), { action: 'member.exported', target: { kind: 'member', id } })
  const pieces = writeExport(db, id)
  // What would fail at once fails as a problem and not as a torn file.
  const opening = await pieces.next()
  reply.header('cache-control', 'no-store').header('content-disposition', 'attachment; filename="my-account.json"').type('application/json')
  return Readable.from(follow(String(opening.value ?? ''), pieces))
}

/** Piece by piece, a page of rows at a time: never the whole in memory. A fault half-way breaks the connection off, and so the file. */
export async function* writeExport(db: TenantDb, memberId: string): AsyncGenerator<string> {
  const { emailKey, ...profile } = await readProfile(db, memberId)
  yield `{"madeAt":${JSON.stringify(new Date())},"profile":${JSON.stringify(profile)}`
  for (const [name, section] of Object.entries(exportSections)) {
    yield `,${JSON.stringify(name)}:[`
    yield* writeSection(db, section, { id: memberId, emailKey })
    yield ']'
  }
  yield '}\n'
}

async function* writeSection(db: TenantDb, section: ExportSection, subject: Subject): AsyncGenerator<string> {
  let [after, comma] = ['', '']
  for (;;) {
    const rows = await section.page(db, subject, after)
    for (const { id, ...row } of rows) {
      yield comma + JSON.stringify(row)
      ;[after, comma] = [id, ',']
    }
    if (rows.length < exportPage) return
  }
}

async function* follow(opening: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield opening
  yield* rest
}

async function readProfile(db: TenantDb, id: string) {
  const dates = { emailVerifiedAt: true, createdAt: true, updatedAt: true, eraseAt: true }
  const roles = { select: { role: { select: { slug: true, name: true } } } }
  const password = { select: { updatedAt: true } }
  const select = { id: true, email: true, emailKey: true, name: true, language: true, status: true, ...dates, roles, password }
  const member = await db.member.findFirst({ where: { id }, select })
  if (!member) throw problem('AUTH_TOKEN_INVALID')
  const { roles: held, password: kept, ...rest } = member
  return { ...rest, roles: held.map(({ role }) => role), passwordSetAt: kept?.updatedAt ?? null }
}
