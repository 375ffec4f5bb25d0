import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { isSignedBy } from './sign-manifest.ts'

/** What is written is of this form; the one before it is read too. A later one has another number, and is for a later release to read. */
export const manifestFormat = 2

const strict = { additionalProperties: false }
const bytes = () => Type.Integer({ minimum: 0 })
const sha256 = () => Type.String({ pattern: '^[0-9a-f]{64}$' })
const short = () => Type.String({ maxLength: 200 })

/** Written last: a dump without one is no backup. */
export const Manifest = Type.Object(
  {
    format: Type.Union([Type.Literal(1), Type.Literal(manifestFormat)]),
    name: Type.String({ maxLength: 40 }),
    /** Id of the site that is the platform: whose backup it is. Null where there is none, missing in the form before. */
    hub: Type.Optional(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])),
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
    /** Of all the rest, by BACKUP_SIGNING_KEY. */
    signature: Type.Optional(sha256()),
  },
  strict,
)

export type Manifest = Static<typeof Manifest>

export interface Trust {
  /** Undefined: nobody can tell who made a backup. */
  signingKey?: Buffer | undefined
  /** Those without a signature are taken all the same. */
  unsigned?: boolean | undefined
}

const validator = Compile(Manifest)

/** A backup that is not to be trusted, whatever its dump is like. */
export class ManifestFault extends Error {}

/** Throws one line where it is not a manifest of ours, not of that backup, or not of who has the key. */
export function parseManifest(name: string, source: string, { signingKey, unsigned = false }: Trust): Manifest {
  const value = parse(source)
  const format: unknown = Reflect.get(Object(value), 'format')
  if (Number.isInteger(format) && Number(format) > manifestFormat) {
    throw new Error(
      `Backup ${name} was made by a newer release of Tenantry (its manifest has format ${format}, this one reads up to ${manifestFormat}): use that release.`,
    )
  }
  if (!validator.Check(value))
    throw new ManifestFault(`The manifest of ${name} is not one of Tenantry, or was changed: take another backup (tenantry backup list).`)
  if (value.name !== name)
    throw new ManifestFault(`The manifest of ${name} is that of another backup, ${value.name}: take another backup (tenantry backup list).`)
  if (!signingKey) return value
  if (value.signature === undefined && !unsigned) {
    throw new ManifestFault(
      `Backup ${name} is not signed, and may be anybody's: take another one. Where you know that it was made before BACKUP_SIGNING_KEY was set, restore and drill take --unsigned.`,
    )
  }
  if (value.signature !== undefined && !isSignedBy(signingKey, value)) {
    throw new ManifestFault(
      `Backup ${name} was signed by another key than BACKUP_SIGNING_KEY, or changed: do not restore it, take another one (tenantry backup list).`,
    )
  }
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
