import { type Static, Type } from 'typebox'

export const Publication = Type.Object(
  {
    number: Type.Integer(),
    note: Type.String({ maxLength: 200 }),
    returnedTo: Type.Union([Type.Integer(), Type.Null()], { description: 'The publication whose brand this is again' }),
    publishedAt: Type.String({ format: 'date-time', maxLength: 30 }),
    publishedBy: Type.Union([Type.String({ maxLength: 36 }), Type.Null()], { description: 'Member or API key; null: made with the site' }),
    inForce: Type.Boolean(),
  },
  { additionalProperties: false },
)

export const Note = Type.String({ maxLength: 200, description: 'What it is about, for whoever reads the history', pattern: '^[^\\p{Cc}]*$' })

export const publicationFields = { number: true, note: true, returnedTo: true, publishedAt: true, publishedBy: true } as const

interface PublicationRow {
  number: number
  note: string
  returnedTo: number | null
  publishedAt: Date
  publishedBy: string | null
}

export function shapePublication({ publishedAt, ...row }: PublicationRow, current: number): Static<typeof Publication> {
  return { ...row, publishedAt: publishedAt.toISOString(), inForce: row.number === current }
}
