import fastifyStatic from '@fastify/static'
import fastify from 'fastify'
import { answerParent, processorTime } from './answer-parent.ts'

const app = fastify({ logger: false })

/** The same files as @fastify/static sends them by itself. */
async function listen(folder: string): Promise<number> {
  await app.register(fastifyStatic, { root: folder, prefix: '/assets/', preCompressed: true, maxAge: '365d', immutable: true })
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

answerParent({
  listen: (folder) => listen(String(folder)),
  processorTime,
  stop: () => app.close(),
})
