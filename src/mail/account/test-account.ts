import { Type } from 'typebox'
import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { emailKey } from '../../security/email-address.ts'
import { newId } from '../../security/random-token.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { languageOf } from '../../tenancy/language.ts'
import { dkimFor } from '../domains/sender-domain.ts'
import { composeMail } from '../outbox/compose-mail.ts'
import { readMailSite } from '../outbox/mail-site.ts'
import type { ProviderOpener, ProviderSettings } from '../providers/open-provider.ts'
import { failureReasons, MailFailure, type OutgoingMail } from '../providers/provider.ts'
import { chooseAccount } from './choose-account.ts'

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
    const { db, tenant, server, session, caller, log } = request
    // It goes to the caller's own address, and a key has none.
    if (caller.kind !== 'member') throw problem('AUTH_PERSON_NEEDED')
    refuseFor(await server.limits.mailChecks.take(tenant.id))
    const account = await chooseAccount(server, tenant)
    const recipient = emailKey(session.member.email)
    if (!account || !recipient) throw problem('MAIL_ACCOUNT_MISSING')
    const { settings, sender, by, accountTenantId } = account
    const site = await readMailSite(db, tenant, server.config.publicOrigin)
    const language = languageOf(site.locale)
    const override = await db.mailTemplate.findFirst({ where: { kind: 'test', locale: language }, select: { subject: true, body: true } })
    // The key is of whoever owns the sender's domain.
    const signer = server.database.forTenant(accountTenantId)
    const dkim = settings.provider === 'smtp' ? await dkimFor(signer, server.secretBox, accountTenantId, sender.address) : undefined
    const id = newId()
    const { outgoing } = await composeMail({
      site,
      kind: 'test',
      language,
      variables: { requested_by: recipient },
      recipient,
      sender,
      messageId: `<${id}@${sender.address.split('@')[1]}>`,
      intent: `${tenant.id}/${id}`,
      ...(override ? { override } : {}),
      ...(dkim ? { dkim } : {}),
    })
    await send(server.mailProviders, settings, outgoing).catch((error) => {
      if (!(error instanceof MailFailure)) throw error
      log.debug({ err: error.cause, reason: error.reason }, 'a test mail was not taken')
      throw problem('MAIL_SEND_FAILED', { issues: [{ path: '', message: failureReasons[error.reason].says }] })
    })
    return { sentTo: recipient, by }
  },
})

async function send(opener: ProviderOpener, settings: ProviderSettings, mail: OutgoingMail): Promise<void> {
  const provider = await opener.open(settings)
  try {
    await provider.send(mail)
  } finally {
    provider.close()
  }
}
