import { Type } from 'typebox'
import { originOf } from '../../audit/record-event.ts'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { Message, messageFields, shapeMessage } from './message.ts'
import { queueAgain } from './queue-again.ts'

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
    if (!(await db.mailMessage.findFirst({ where: { id }, select: { id: true } }))) throw problem('MAIL_MESSAGE_UNKNOWN')
    await db.$transaction(async (tx) => {
      if (!(await queueAgain(tx, originOf(request), id))) throw problem('MAIL_MESSAGE_NOT_DEAD')
    })
    const message = await db.mailMessage.findFirstOrThrow({ where: { id }, select: messageFields })
    return reply.code(202).send(shapeMessage(message))
  },
})
