import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { isProblem, problem } from '../errors.ts'

export interface FileLimits {
  /** Bytes of the file. */
  most: number
  /** Names of the text fields that may come with it. */
  fields?: readonly string[]
}

export interface IncomingFile {
  /** As the sender calls it: to be cleaned before it is shown. */
  name: string
  /** To be read to its end. It fails where the upload breaks off, is malformed or too large. */
  stream: Readable
}

export interface Received<Taken> {
  taken: Taken
  /** Those that came, before the file or after it. */
  fields: Readonly<Record<string, string>>
}

const longestField = 4_096

/**
 * Reads a multipart/form-data body with one file in the field `file`, as a stream: `take` gets it while it comes. What is left behind of a file that
 * was taken, when the body turns out to be no good after it, is the caller's to remove: then this rejects.
 *
 * Throws FILE_TOO_LARGE, FILE_MISSING, UPLOAD_MALFORMED (no final boundary, unknown field), UPLOAD_PARTS (more parts than are taken) or
 * UPLOAD_BROKEN_OFF (the sender is gone).
 */
export async function receiveFile<Taken>(
  request: FastifyRequest,
  { most, fields: known = [] }: FileLimits,
  take: (file: IncomingFile) => Promise<Taken>,
): Promise<Received<Taken>> {
  if (!request.isMultipart()) throw problem('CONTENT_TYPE_UNSUPPORTED')
  const fields: Record<string, string> = {}
  const taken: Taken[] = []
  let fault: unknown
  const limits = {
    files: 1,
    fields: known.length,
    parts: known.length + 1,
    fileSize: most,
    fieldSize: longestField,
    fieldNameSize: 100,
    headerPairs: 20,
  }
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        if (!known.includes(part.fieldname) || typeof part.value !== 'string' || part.valueTruncated) throw problem('UPLOAD_MALFORMED')
        fields[part.fieldname] = part.value
        continue
      }
      if (part.fieldname !== 'file') throw problem('UPLOAD_MALFORMED')
      const { file } = part
      file.on('error', (error) => (fault ??= error))
      // One that was cut at the limit would end like one that is whole.
      const cut = () => file.destroy(problem('FILE_TOO_LARGE'))
      if (file.truncated) cut()
      else file.once('limit', cut)
      try {
        taken.push(await take({ name: part.filename ?? '', stream: file }))
      } finally {
        if (!file.readableEnded) file.destroy()
      }
    }
  } catch (error) {
    throw asUploadProblem(fault ?? error)
  }
  const [one] = taken
  if (taken.length === 0) throw problem('FILE_MISSING')
  return { taken: one as Taken, fields }
}

const byCode: Record<string, Parameters<typeof problem>[0]> = {
  FST_PARTS_LIMIT: 'UPLOAD_PARTS',
  FST_FILES_LIMIT: 'UPLOAD_PARTS',
  FST_FIELDS_LIMIT: 'UPLOAD_PARTS',
  FST_PROTO_VIOLATION: 'UPLOAD_MALFORMED',
  FST_INVALID_JSON_FIELD_ERROR: 'UPLOAD_MALFORMED',
  FST_MP_PREMATURE_CLOSE: 'UPLOAD_BROKEN_OFF',
  ECONNRESET: 'UPLOAD_BROKEN_OFF',
}

/** The parser's own errors have no code; those of whoever took the file stay what they are. */
function asUploadProblem(error: unknown): unknown {
  if (isProblem(error) || !(error instanceof Error)) return error
  const known = byCode[String(Reflect.get(error, 'code'))]
  if (known) return problem(known)
  return /multipart|boundary|terminated early|malformed/i.test(error.message) ? problem('UPLOAD_MALFORMED') : error
}
