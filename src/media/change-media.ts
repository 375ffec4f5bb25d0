import { type Static, Type } from 'typebox'
import { originOf, recordEvent } from '../audit/record-event.ts'
import { displayName } from '../files/file-name.ts'
import { problems } from '../problem-schema.ts'
import { defineFlow } from '../tenancy/define-flow.ts'
import { Alt, Focus, Media, MediaName, MediaParams, type MediaRow, requireMedia, shapeMedia, Visibility } from './media.ts'
import { extensionOf } from './media-type.ts'

const ChangeMediaBody = Type.Object(
  {
    name: Type.Optional(MediaName),
    alt: Type.Optional(Alt),
    visibility: Type.Optional(Visibility),
    focus: Type.Optional(
      Type.Union([Focus, Type.Null()], { description: 'The cuts are made anew around it, which takes a moment; null: the middle' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const changeMedia = defineFlow({
  schema: {
    operationId: 'changeMedia',
    summary: "Change a file's name, alternative text, visibility or focus",
    tags: ['media'],
    params: MediaParams,
    body: ChangeMediaBody,
    response: { 200: Media, ...problems(400, 401, 403, 404, 413, 415, 503) },
  },
  bodyLimit: 8192,
  async handler(request, reply) {
    const { db, body, params } = request
    reply.header('cache-control', 'no-store')
    return db.$transaction(async (tx) => {
      const row = await requireMedia(tx, params.media)
      await tx.media.updateMany({ where: { id: row.id }, data: changes(row, body) })
      const target = { kind: 'media', id: row.id }
      await recordEvent(tx, originOf(request), { action: 'media.changed', target, details: { changed: Object.keys(body).sort() } })
      return shapeMedia(await requireMedia(tx, row.id))
    })
  },
})

/** A trigger queues the new cuts. */
function changes(row: MediaRow, { name, focus, ...plain }: Static<typeof ChangeMediaBody>) {
  return {
    ...plain,
    ...(name === undefined ? {} : { name: displayName(name, row.extension ?? extensionOf(row.name)) }),
    ...(focus === undefined ? {} : { focusX: focus?.x ?? null, focusY: focus?.y ?? null }),
  }
}
