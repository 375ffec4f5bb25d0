import fastify from 'fastify'
import type { Answer } from '../load.ts'
import { answerParent, processorTime } from './answer-parent.ts'

const app = fastify({ logger: false })

/** The same bytes with nothing in between: at the path itself with no header but the type, and below /same-headers with all of them. */
async function listen(answers: Answer[]): Promise<number> {
  for (const { path, type, headers, body } of answers) {
    app.get(path, async (_request, reply) => reply.type(type).send(body))
    app.get(`/same-headers${path}`, async (_request, reply) => reply.headers(headers).type(type).send(body))
  }
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

answerParent({
  listen: (answers) => listen(answers as Answer[]),
  processorTime,
  stop: () => app.close(),
})
