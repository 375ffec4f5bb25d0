import { buffer } from 'node:stream/consumers'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { originOf } from '../../audit/record-event.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { receiveFile } from '../../tenancy/receive-file.ts'
import { brandSite } from '../brand-site.ts'
import { BrandAsset, shapeAsset } from './asset.ts'
import { keepFont, keepImage, type NewFile } from './keep-asset.ts'

const largestImage = 10 * 1024 * 1024
const largestFont = 1024 * 1024

const response = { 201: BrandAsset, ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503) }

export const addImage = defineFlow({
  schema: {
    operationId: 'addBrandImage',
    summary: 'Add an image for the brand',
    description: 'multipart/form-data with the image in `file`: PNG, JPEG, WebP, AVIF, GIF or SVG of at most 10 MB and 4096 × 4096 pixels.',
    tags: ['brand'],
    consumes: ['multipart/form-data'],
    response,
  },
  async handler(request, reply) {
    const file = await receive(request, largestImage)
    return answer(reply, await keepImage(brandSite(request), request.server.images, file, originOf(request)))
  },
})

export const addFont = defineFlow({
  schema: {
    operationId: 'addBrandFont',
    summary: 'Add a font for the brand',
    description: 'multipart/form-data with a WOFF2 file of at most 1 MB in `file`.',
    tags: ['brand'],
    consumes: ['multipart/form-data'],
    response,
  },
  async handler(request, reply) {
    const file = await receive(request, largestFont)
    return answer(reply, await keepFont(brandSite(request), file, originOf(request)))
  },
})

async function receive(request: FastifyRequest, most: number): Promise<NewFile> {
  const { taken } = await receiveFile(request, { most }, async ({ name, stream }) => ({ name, bytes: await buffer(stream) }))
  await request.confirmAccess()
  return taken
}

function answer(reply: FastifyReply, row: Parameters<typeof shapeAsset>[0]) {
  reply.code(201).header('cache-control', 'no-store')
  return shapeAsset(row)
}
