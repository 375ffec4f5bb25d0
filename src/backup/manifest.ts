import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** What is written is of this form. A later one has another number, and is for a later release to read. */
export const manifestFormat = 1

const strict = { additionalProperties: false }
const bytes = () => Type.Integer({ minimum: 0 })
const sha256 = () => Type.String({ pattern: '^[0-9a-f]{64}$' })
const short = () => Type.String({ maxLength: 200 })

/** Written last: a dump without one is no backup. */
export const Manifest = Type.Object(
  {
    format: Type.Literal(manifestFormat),
    name: Type.String({ maxLength: 40 }),
    startedAt: short(),
    finishedAt: short(),
    file: Type.Union([Type.Literal('dump.pgc'), Type.Literal('dump.pgc.age')]),
    /** As it lies there, encrypted or not. */
    stored: Type.Object({ size: bytes(), sha256: sha256() }, strict),
    /** As pg_dump wrote it. */
    plain: Type.Object({ size: bytes(), sha256: sha256() }, strict),
    /** By whose private half it opens, and by which key the bucket was told to encrypt. */
    encryption: Type.Object(
      { recipient: Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]), kmsKey: Type.Union([short(), Type.Null()]) },
      strict,
    ),
    /** Rows by `schema.table`, counted in the snapshot of the dump. */
    tables: Type.Record(Type.String({ maxLength: 200 }), Type.Integer({ minimum: 0 })),
    versions: Type.Object({ server: short(), client: short(), tenantry: short() }, strict),
    /** The newest migration that was applied. */
    migration: short(),
  },
  strict,
)

export type Manifest = Static<typeof Manifest>

const validator = Compile(Manifest)

/** Throws one line where it is not a manifest of ours, or not of that backup. */
export function parseManifest(name: string, source: string): Manifest {
  const value = parse(source)
  const format: unknown = Reflect.get(Object(value), 'format')
  if (Number.isInteger(format) && Number(format) > manifestFormat) {
    throw new Error(
      `Backup ${name} was made by a newer release of Tenantry (its manifest has format ${format}, this one reads ${manifestFormat}): use that release.`,
    )
  }
  if (!validator.Check(value))
    throw new Error(`The manifest of ${name} is not one of Tenantry, or was changed: take another backup (tenantry backup list).`)
  if (value.name !== name)
    throw new Error(`The manifest of ${name} is that of another backup, ${value.name}: take another backup (tenantry backup list).`)
  return value
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

export function sumOfRows({ tables }: Pick<Manifest, 'tables'>): number {
  return Object.values(tables).reduce((sum, rows) => sum + rows, 0)
}
