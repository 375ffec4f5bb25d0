import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findServed } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'
import { sendInvitation, tellInvited, warnWithoutWorker } from './send-invitation.ts'
import { withWords } from './with-words.ts'

export interface InviteFlags extends CommonFlags {
  role: string
  name?: string
  link?: boolean
}

export async function inviteMember(tools: Tools, slug: string, email: string, { role, name, link = false, ...flags }: InviteFlags): Promise<void> {
  const config = tools.config()
  const invited = await tools.withSecrets(async (database, box) => {
    const { id, host, locale } = await findServed(database, slug)
    const invitee = { tenantId: id, host, locale, email, name, role, link }
    const made = await withWords(slug, () => database.forTenant(id).$transaction((tx) => sendInvitation(tx, { database, box, config }, invitee)))
    await warnWithoutWorker(database, made)
    return made
  })
  print(flags, { site: slug, ...invited }, () => tellInvited(invited))
}
