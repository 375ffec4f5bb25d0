import { createSite, type NewSite, SiteClash } from '../../provision/create-site.ts'
import { defaultBrand } from '../../provision/default-brand.ts'
import { rolesOf, siteTemplates } from '../../provision/site-plans.ts'
import { originOf } from '../../tenancy/canonical-origin.ts'
import type { CommonFlags } from '../add-command.ts'
import { type Invited, sendInvitation, tellInvited, warnWithoutWorker } from '../members/send-invitation.ts'
import { withWords } from '../members/with-words.ts'
import { print } from '../print.ts'
import type { Tools } from '../tools.ts'

export interface CreateFlags extends CommonFlags {
  name: string
  host: string
  template: string
  locale: string
  timeZone: string
  owner?: string
  link?: boolean
}

export async function createSiteCommand(tools: Tools, slug: string, flags: CreateFlags): Promise<void> {
  const { name, host, locale, timeZone, owner: email, link = false } = flags
  if (link && !email) throw new Error('--link goes with --owner: it is the link of an invitation.')
  const template = siteTemplates[flags.template]
  const plan: NewSite = {
    slug,
    kind: 'site',
    host,
    site: { name, locale, timeZone },
    brand: defaultBrand(name),
    roles: rolesOf.site,
    content: template && { template, samples: [] },
  }
  const config = tools.config()
  const made = await tools.withOwnerDatabase(async (database, box) => {
    const inviteOwner = (tenantId: string): Parameters<typeof sendInvitation>[2] => ({
      tenantId,
      host,
      locale,
      email: email ?? '',
      role: 'owner',
      link,
    })
    const { tenantId, result } = await plainly(slug, () =>
      createSite(
        { owner: database, box, rules: config },
        plan,
        async (tx, id): Promise<Invited | undefined> => (email ? sendInvitation(tx, { database, box, config }, inviteOwner(id)) : undefined),
      ),
    )
    await warnWithoutWorker(database, result)
    return { id: tenantId, slug, host, origin: originOf(host, config.publicOrigin), template: flags.template, ...(result ? { owner: result } : {}) }
  })
  print(flags, made, () => [`${slug} is made: ${made.origin}`, ...(made.owner ? [tellInvited(made.owner)] : [])].join('\n'))
}

export async function plainly<Result>(slug: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await withWords(slug, work)
  } catch (error) {
    throw error instanceof SiteClash ? new Error(error.message, { cause: error }) : error
  }
}
