import type { FastifyReply } from 'fastify'
import type { TenantDb } from '../../db/client.ts'
import { publicationFields, shapePublication } from './publication.ts'

/** 201 with the publication that was just made. */
export async function answerPublication(reply: FastifyReply, db: Pick<TenantDb, 'brandPublication'>, number: number) {
  const row = await db.brandPublication.findFirstOrThrow({ where: { number }, select: publicationFields })
  reply.code(201).header('cache-control', 'no-store')
  return shapePublication(row, number)
}
