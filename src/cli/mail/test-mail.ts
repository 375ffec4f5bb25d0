import { sendTestMail } from '../../mail/account/send-test-mail.ts'
import { createProviderOpener } from '../../mail/providers/open-provider.ts'
import { MailFailure } from '../../mail/providers/provider.ts'
import { emailKey } from '../../security/email-address.ts'
import { readTenant } from '../../tenancy/read-tenant.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findPlatform, findServed } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'
import { failureWords } from './failure-words.ts'

export interface TestFlags extends CommonFlags {
  platform?: boolean
  to: string
}

export async function testMail(tools: Tools, slug: string | undefined, { platform = false, to, ...flags }: TestFlags): Promise<void> {
  if (platform === (slug !== undefined)) throw new Error('Name a site, or give --platform.')
  const { mail, publicOrigin } = tools.config()
  const sent = await tools.withSecrets(async (database, secretBox) => {
    const site = await findServed(database, slug ?? (await findPlatform(database)))
    const tenant = await readTenant(database, { id: site.id })
    if (!tenant) throw new Error(`The site "${site.slug}" is gone.`)
    const opener = createProviderOpener({ privateHosts: mail.privateHosts })
    const account = await sendTestMail({ database, secretBox, publicOrigin, opener }, tenant, emailKey(to) ?? '').catch((error) => {
      throw error instanceof MailFailure ? new Error(`The test mail of ${site.slug} was not sent. ${failureWords(error)}`, { cause: error }) : error
    })
    if (!account) {
      throw new Error(
        `${site.slug} has no mail account to send by now: none is set, or it rests after failures. tenantry site show ${site.slug} tells which.`,
      )
    }
    const { settings, sender, by } = account
    return {
      site: site.slug,
      to,
      by,
      from: sender.address,
      server: settings.provider === 'smtp' ? `${settings.host}:${settings.port}` : settings.provider,
    }
  })
  print(
    flags,
    sent,
    () => `${sent.server} took a test mail from ${sent.from} to ${sent.to}${sent.by === 'platform' ? ", by the platform's account" : ''}`,
  )
}
