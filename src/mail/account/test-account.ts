import { Type } from 'typebox'
import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { failureReasons, MailFailure } from '../providers/provider.ts'
import { sendTestMail } from './send-test-mail.ts'

export const testAccount = defineFlow({
  schema: {
    operationId: 'testMailAccount',
    summary: 'Send yourself a test mail',
    description: "At once, past the queue, by the account that the site's mails take now.",
    tags: ['mail'],
    response: {
      200: Type.Object(
        {
          sentTo: Type.String({ maxLength: 254 }),
          by: Type.Enum(['own', 'platform'], { type: 'string', description: 'Whose account it left through' }),
        },
        { additionalProperties: false },
      ),
      ...problems(401, 403, 404, 409, 429, 502, 503),
    },
  },
  async handler(request) {
    const { tenant, server, session, caller, log } = request
    // It goes to the caller's own address, and a key has none.
    if (caller.kind !== 'member') throw problem('AUTH_PERSON_NEEDED')
    refuseFor(await server.limits.mailChecks.take(tenant.id))
    const recipient = emailKey(session.member.email)
    if (!recipient) throw problem('MAIL_ACCOUNT_MISSING')
    const { database, secretBox, mailProviders: opener, config } = server
    const tools = { database, secretBox, opener, publicOrigin: config.publicOrigin }
    const account = await sendTestMail(tools, tenant, recipient).catch((error) => {
      if (!(error instanceof MailFailure)) throw error
      log.debug({ err: error.cause, reason: error.reason }, 'a test mail was not taken')
      throw problem('MAIL_SEND_FAILED', { issues: [{ path: '', message: failureReasons[error.reason].says }] })
    })
    if (!account) throw problem('MAIL_ACCOUNT_MISSING')
    return { sentTo: recipient, by: account.by }
  },
})
