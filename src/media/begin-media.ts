import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../db/client.ts'
import { problem } from '../errors.ts'
import { newId } from '../security/random-token.ts'

export interface NewMedia {
  name: string
  /** As announced; it counts for the quota from now on. */
  size: number
  kind?: string
  contentType?: string
  extension?: string
  alt?: string
  visibility?: string
}

/** Files of a site that come or are looked at: sites share the workers that look. */
const mostUnderWay = 500

type Tx = Pick<TenantDb, 'media' | 'mediaUsage'>

/**
 * Makes the row of a file that is on its way, before a byte of it is kept anywhere. The usage of the site is locked from here to the end of the
 * transaction: of uploads that come at once as many pass as there is room for.
 */
export async function beginMedia(tx: Tx, { tenant, caller, server }: FastifyRequest, { size, ...facts }: NewMedia): Promise<string> {
  const id = newId()
  await tx.media.createMany({ data: [{ ...facts, tenantId: tenant.id, id, size: BigInt(size), createdBy: caller.id }] })
  const usage = await tx.mediaUsage.findFirst({ select: { bytes: true } })
  if (usage && usage.bytes > BigInt(server.config.media.quota)) throw problem('MEDIA_QUOTA')
  const underWay = await tx.media.count({ where: { status: { in: ['uploading', 'checking'] } } })
  if (underWay > mostUnderWay) throw problem('RATE_LIMITED', { retryAfter: 60 })
  return id
}
