import { Type } from 'typebox'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Message, messageFields, shapeMessage } from './message.ts'

const patience = 3 * 24 * 60 * 60_000

export const sendMessageAgain = defineFlow({
  schema: {
    operationId: 'sendMessageAgain',
    summary: 'Send a mail after all that could not be delivered',
    tags: ['mail'],
    params: Type.Object({ message: Type.String({ format: 'uuid', maxLength: 36 }) }),
    response: { 202: Message, ...problems(400, 401, 403, 404, 409, 503) },
  },
  async handler(request, reply) {
    const { db } = request
    const id = request.params.message.toLowerCase()
    const dead = await db.mailMessage.findFirst({ where: { id }, select: { status: true, challenge: { select: { expiresAt: true } } } })
    if (!dead) throw problem('MAIL_MESSAGE_UNKNOWN')
    // A link outlives no second life of its mail.
    const expiresAt = dead.challenge?.expiresAt ?? new Date(Date.now() + patience)
    if (dead.status !== 'dead' || expiresAt <= new Date()) throw problem('MAIL_MESSAGE_NOT_DEAD')
    await db.$transaction(async (tx) => {
      const { count } = await tx.mailMessage.updateMany({
        where: { id, status: 'dead' },
        data: { status: 'queued', attempts: 0, nextAttemptAt: new Date(), expiresAt, lastError: null },
      })
      if (count === 0) throw problem('MAIL_MESSAGE_NOT_DEAD')
      await recordEvent(tx, originOf(request), { action: 'mail-message.sent-again', target: { kind: 'mail-message', id } })
    })
    const message = await db.mailMessage.findFirstOrThrow({ where: { id }, select: messageFields })
    return reply.code(202).send(shapeMessage(message))
  },
})
