import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { readDeliveryReport } from './delivery-report.ts'
import { isBadMailbox } from './enhanced-status.ts'
import { recordFailure } from './record-failure.ts'

export const ReportOutcome = Type.Object(
  { outcome: Type.Enum(['recorded', 'ignored'], { type: 'string', description: 'ignored: not about a mail that this site sent to that recipient' }) },
  { additionalProperties: false },
)

/** Behind `requireReportToken`, in a scope that takes mails only, as bytes. */
export const receiveReport = defineFlow({
  schema: {
    operationId: 'receiveDeliveryReport',
    summary: 'Hand in a mail that reports a failed delivery or a complaint',
    description:
      'The whole mail as it came (message/rfc822, up to 256 KB), with the token of POST /v1/mail-account/report-token as bearer token. An address that does not exist, and one that complained, gets no mail any more.',
    tags: ['mail'],
    consumes: ['message/rfc822'],
    response: { 202: ReportOutcome, ...problems(400, 401, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 256 * 1024,
  async handler({ db, tenant, body }, reply) {
    if (!(body instanceof Uint8Array)) throw problem('REQUEST_INVALID', { issues: [{ path: '', message: 'must be a mail' }] })
    let recorded = false
    for (const { reason, recipient, messageId, status } of await readDeliveryReport(body)) {
      const suppresses = reason === 'complaint' || isBadMailbox(status)
      const known = await recordFailure(db, tenant.id, { reason, recipient, mail: { messageRef: messageId }, detail: status, suppresses })
      recorded ||= known
    }
    reply.code(202)
    return { outcome: recorded ? 'recorded' : 'ignored' } as const
  },
})
