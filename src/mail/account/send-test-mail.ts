import type { Config } from '../../config.ts'
import type { Database } from '../../db/client.ts'
import { newId } from '../../security/random-token.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { languageOf } from '../../tenancy/language.ts'
import { dkimFor } from '../domains/sender-domain.ts'
import { composeMail } from '../outbox/compose-mail.ts'
import { readMailSite } from '../outbox/mail-site.ts'
import type { ProviderOpener, ProviderSettings } from '../providers/open-provider.ts'
import type { OutgoingMail } from '../providers/provider.ts'
import { type ChosenAccount, chooseAccount } from './choose-account.ts'

export interface TestMailTools {
  database: Database
  secretBox: SecretBox
  publicOrigin: Config['publicOrigin']
  opener: ProviderOpener
}

/** At once, past the queue. Undefined where there is no account to send by now; throws a MailFailure where the server did not take it. */
export async function sendTestMail(tools: TestMailTools, tenant: Tenant, recipient: string): Promise<ChosenAccount | undefined> {
  const account = await chooseAccount(tools, tenant)
  if (!account) return undefined
  await send(tools.opener, account.settings, await compose(tools, tenant, { account, recipient }))
  return account
}

interface TestMail {
  account: ChosenAccount
  recipient: string
}

async function compose(
  { database, secretBox, publicOrigin }: TestMailTools,
  tenant: Tenant,
  { account, recipient }: TestMail,
): Promise<OutgoingMail> {
  const { settings, sender, accountTenantId } = account
  const db = database.forTenant(tenant.id)
  const site = await readMailSite(db, tenant, publicOrigin)
  const language = languageOf(site.locale)
  const override = await db.mailTemplate.findFirst({ where: { kind: 'test', locale: language }, select: { subject: true, body: true } })
  // The key is of whoever owns the sender's domain.
  const signer = database.forTenant(accountTenantId)
  const dkim = settings.provider === 'smtp' ? await dkimFor(signer, secretBox, accountTenantId, sender.address) : undefined
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
  return outgoing
}

async function send(opener: ProviderOpener, settings: ProviderSettings, mail: OutgoingMail): Promise<void> {
  const provider = await opener.open(settings)
  try {
    await provider.send(mail)
  } finally {
    provider.close()
  }
}
