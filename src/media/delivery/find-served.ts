import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { isProblem, problem } from '../../errors.ts'
import { isId } from '../../security/random-token.ts'
import { findMedia } from '../media.ts'
import { isSigned } from './media-link.ts'

/** What a link carries. */
export const LinkQuery = {
  expires: Type.Optional(Type.Integer({ minimum: 0, description: 'Of a link to a private file' })),
  signature: Type.Optional(Type.String({ maxLength: 64, description: 'Of a link to a private file' })),
}

const LinkParts = Type.Object(LinkQuery)

/** What is needed to serve a file. Only `ready` ones have it. */
export interface Served {
  id: string
  name: string
  kind: string
  contentType: string
  size: number
  sha256: string
  isPublic: boolean
  variants: unknown
}

export type MediaRequest = FastifyRequest<{ Params: { media: string }; Querystring: Static<typeof LinkParts> }>

/**
 * A file that the caller may have. Public ones come from memory, by the version of the site. A private one is, to whoever shows neither a link nor a
 * session with media:read, as unknown as one that is not there: 404 MEDIA_UNKNOWN.
 */
export async function findServed(request: MediaRequest): Promise<Served> {
  const { media: id } = request.params
  const known = isId(id) ? await fromMemory(request, id) : undefined
  if (known) return known
  const found = isId(id) && (await mayReadPrivate(request)) ? await load(request, id) : undefined
  if (!found) throw problem('MEDIA_UNKNOWN')
  return found
}

async function fromMemory(request: MediaRequest, id: string): Promise<Served | undefined> {
  const loadPublic = async () => {
    const found = await load(request, id)
    // Thrown, because it is not to be kept: strangers could fill the memory with ids that nobody has.
    if (!found?.isPublic) throw problem('MEDIA_UNKNOWN')
    return JSON.stringify(found)
  }
  try {
    const { bytes } = await request.server.publicCache.read(request.tenant, `media ${id}`, loadPublic)
    return JSON.parse(Buffer.from(bytes, 'latin1').toString())
  } catch (error) {
    if (isProblem(error) && error.code === 'MEDIA_UNKNOWN') return undefined
    throw error
  }
}

async function load({ db }: MediaRequest, id: string): Promise<Served | undefined> {
  const row = await findMedia(db, id)
  if (row?.status !== 'ready' || row.kind === null || row.contentType === null || row.sha256 === null) return undefined
  const { name, kind, contentType, sha256, variants } = row
  return { id, name, kind, contentType, sha256, variants, size: Number(row.size), isPublic: row.visibility === 'public' }
}

async function mayReadPrivate(request: MediaRequest): Promise<boolean> {
  const { tenant, params, query, server } = request
  const { expires, signature } = query
  if (expires !== undefined && signature !== undefined) {
    return isSigned(server.secretBox, { tenantId: tenant.id, mediaId: params.media, expires }, signature)
  }
  return (await isSignedIn(request)) && request.caller.permissions.includes('media:read')
}

/** Whoever is not gets no other answer than somebody who shows nothing. */
async function isSignedIn(request: MediaRequest): Promise<boolean> {
  try {
    await request.server.authenticate(request)
    return true
  } catch (error) {
    if (isProblem(error) && error.statusCode === 401) return false
    throw error
  }
}
