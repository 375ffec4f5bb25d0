import { PassThrough } from 'node:stream'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { MailStore } from './store.ts'

/** Less than the minute after which the server ends an idle connection. */
const pulse = 20_000

/** Server-sent events: `mail` with the id of each new one. `end` lets the server close, which else would wait for the listeners to leave. */
export function tellLive(store: MailStore) {
  const listeners = new Set<PassThrough>()
  const flow = defineFlow({
    schema: { hide: true },
    async handler(_request, reply) {
      const stream = new PassThrough()
      const forget = store.onMail((id) => stream.write(`event: mail\ndata: ${JSON.stringify({ id })}\n\n`))
      const beat = setInterval(() => stream.write(':\n\n'), pulse)
      listeners.add(stream)
      stream.once('close', () => {
        clearInterval(beat)
        forget()
        listeners.delete(stream)
      })
      stream.write(':\n\n')
      return reply.type('text/event-stream').send(stream)
    },
  })
  const end = async () => {
    for (const stream of listeners) stream.end()
  }
  return { flow, end }
}
