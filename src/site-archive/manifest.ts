import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** Raised when a reader of the format before would misread what is written now. */
export const format = 1

const strict = { additionalProperties: false }
const Id = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const Count = Type.Integer({ minimum: 0 })

/** The first part of an archive. */
export const Manifest = Type.Object(
  {
    format: Type.Literal(format),
    /** Names the archive in the audit logs of both hubs. */
    archive: Id,
    /** Version of Tenantry. */
    release: Type.String({ maxLength: 40 }),
    /** The newest migration. */
    head: Type.String({ maxLength: 200 }),
    exportedAt: Type.String({ maxLength: 30 }),
    site: Type.Object(
      {
        id: Id,
        slug: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
        status: Type.Enum(['active', 'suspended', 'deleted'], { type: 'string' }),
        /** A bigint as text. */
        version: Type.String({ pattern: '^\\d{1,18}$' }),
        createdAt: Type.String({ maxLength: 40 }),
      },
      strict,
    ),
    hosts: Type.Array(
      Type.Object({ host: Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }), proven: Type.Boolean(), canonical: Type.Boolean() }, strict),
    ),
    /** In the order in which they are written. */
    tables: Type.Array(
      Type.Object({ name: Type.String({ maxLength: 63 }), columns: Type.Array(Type.String({ maxLength: 200 })), rows: Count }, strict),
    ),
    /** As the rows of the media say. */
    mediaBytes: Count,
  },
  strict,
)
export type Manifest = Static<typeof Manifest>

/** The last part: what came before it, so that one that is missing is missed. */
export const End = Type.Object(
  {
    parts: Count,
    objects: Count,
    objectBytes: Count,
    /** Of a line for each part: its SHA-256 in hex, its size, its name. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  strict,
)
export type End = Static<typeof End>

const Versioned = Compile(Type.Object({ format: Type.Integer() }))
const manifests = Compile(Manifest)
const ends = Compile(End)

export const notAnArchive = 'This is not the archive of a site: give a file that "tenantry site export" wrote.'

export function readManifest(text: string): Manifest {
  const json = parse(text)
  if (Versioned.Check(json) && json.format > format) {
    throw new Error(
      `The archive has format ${json.format}, and this release reads ${format}: import it with the release that wrote it, or a later one.`,
    )
  }
  if (!manifests.Check(json)) throw new Error(notAnArchive)
  return json
}

export function readEnd(text: string): End {
  const json = parse(text)
  if (!ends.Check(json)) throw new Error(notAnArchive)
  return json
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(notAnArchive, { cause })
  }
}
