import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { problem } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { isBadMailbox, permanentStatus } from './enhanced-status.ts'
import { ReportOutcome } from './receive-report.ts'
import { type ReportedFailure, recordFailure } from './record-failure.ts'
import { requireWebhookSignature } from './report-credentials.ts'

const Addresses = Type.Union([Type.String({ maxLength: 400 }), Type.Array(Type.String({ maxLength: 400 }), { maxItems: 50 })])

/** As much of an event as we act on; the provider adds to it as it likes. */
const Event = Type.Object({
  type: Type.Union([Type.Literal('email.bounced'), Type.Literal('email.complained')]),
  data: Type.Object({
    email_id: Type.String({ pattern: '^[\\w-]+$', maxLength: 200 }),
    to: Addresses,
    bounce: Type.Optional(
      Type.Object({
        type: Type.Optional(Type.String({ maxLength: 60 })),
        subType: Type.Optional(Type.String({ maxLength: 60 })),
        message: Type.Optional(Type.String({ maxLength: 10_000 })),
      }),
    ),
  }),
})
type Event = Static<typeof Event>

const compiled = Compile(Event)

/** In a scope that takes JSON as bytes: the signature is over those. */
export const receiveProviderEvent = defineFlow({
  schema: {
    operationId: 'receiveResendEvent',
    summary: 'Webhook of Resend: bounces and complaints',
    description: 'Signed by Svix with the secret that was set by PUT /v1/mail-account/webhook-secret. Events of other kinds are taken and ignored.',
    tags: ['mail'],
    response: { 202: ReportOutcome, ...problems(400, 401, 404, 413, 415, 429, 503) },
  },
  bodyLimit: 256 * 1024,
  async handler(request, reply) {
    const { db, tenant, body } = request
    const bytes = body instanceof Uint8Array ? body : new Uint8Array()
    await requireWebhookSignature(request, bytes)
    const event = parse(bytes)
    let recorded = false
    for (const failure of compiled.Check(event) ? failuresOf(event) : []) {
      const known = await recordFailure(db, tenant.id, failure)
      recorded ||= known
    }
    reply.code(202)
    return { outcome: recorded ? 'recorded' : 'ignored' } as const
  },
})

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch (cause) {
    throw problem('BODY_INVALID', { cause })
  }
}

function failuresOf({ type, data: { email_id: providerRef, to, bounce = {} } }: Event): ReportedFailure[] {
  const complaint = type === 'email.complained'
  const status = permanentStatus(bounce.message ?? '')
  const permanent = bounce.type?.toLowerCase() === 'permanent'
  if (!complaint && !permanent) return []
  const detail = complaint ? '' : (status ?? bounce.subType?.replace(/[^\w ]/g, '') ?? '')
  // Where the receiving server's own words are known, they decide as they do for reports by mail.
  const suppresses = complaint || !status || isBadMailbox(status)
  return [to].flat().flatMap((text) => {
    const recipient = emailKey((/<([^<>]{1,254})>\s*$/.exec(text)?.[1] ?? text).trim())
    return recipient ? [{ reason: complaint ? 'complaint' : 'bounce', recipient, mail: { providerRef }, detail, suppresses }] : []
  })
}
