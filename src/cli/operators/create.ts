import type { Database } from '../../db/client.ts'
import { createSite, type NewSite } from '../../provision/create-site.ts'
import { defaultBrand } from '../../provision/default-brand.ts'
import { rolesOf } from '../../provision/site-plans.ts'
import type { CommonFlags } from '../add-command.ts'
import { type InvitationTools, type Invited, sendInvitation, tellInvited, warnWithoutWorker } from '../members/send-invitation.ts'
import { withWords } from '../members/with-words.ts'
import { print } from '../print.ts'
import { plainly } from '../sites/create.ts'
import { findServed } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'

export interface OperatorFlags extends CommonFlags {
  host?: string
  name: string
  link?: boolean
}

interface Made {
  console: string
  /** Whether the hub had no site of its own before. */
  made: boolean
  operator: Invited
}

/** Nobody gets a password that somebody else knows: an operator chooses it at the link, which a hub that has no mail yet is told by. */
export async function createOperator(tools: Tools, email: string, flags: OperatorFlags): Promise<void> {
  const config = tools.config()
  const result = await tools.withOwnerDatabase(async (database, box): Promise<Made> => {
    const platform = await database.directory.tenant.findFirst({ where: { kind: 'platform' }, select: { slug: true } })
    const invited = platform
      ? await inviteTo(platform.slug, { database, box, config }, { email, ...flags })
      : await makePlatform({ database, box, config }, { email, ...flags })
    await warnWithoutWorker(database, invited.operator)
    return invited
  })
  const made = result.made ? [`The hub's own site is made: ${result.console}`] : []
  print(flags, result, () => [...made, tellInvited(result.operator)].join('\n'))
}

type Wish = OperatorFlags & { email: string }

async function inviteTo(slug: string, tools: InvitationTools, { email, link = false, host }: Wish): Promise<Made> {
  const site = await findServed(tools.database, slug)
  if (host && host !== site.host) throw new Error(`The hub's own site is there already, on ${site.host}: leave --host out.`)
  const invitee = { tenantId: site.id, host: site.host, locale: site.locale, email, role: 'operator', link }
  const operator = await withWords(slug, () => tools.database.forTenant(site.id).$transaction((tx) => sendInvitation(tx, tools, invitee)))
  return { console: site.host, made: false, operator }
}

async function makePlatform(tools: InvitationTools, { email, link = false, host, name }: Wish): Promise<Made> {
  if (!host) throw new Error('The hub has no site of its own yet, where operators sign in: give --host, such as --host console.example.')
  const { database, box, config } = tools
  const place = { locale: 'en', timeZone: 'UTC' }
  const plan: NewSite = {
    slug: await freeSlug(database),
    kind: 'platform',
    host,
    site: { name, ...place },
    brand: defaultBrand(name),
    roles: rolesOf.platform,
  }
  const { result } = await plainly(plan.slug, () =>
    createSite({ owner: database, box, rules: config }, plan, async (tx, tenantId) => {
      // Of a site anybody may become a member; of the hub's own nobody who was not asked.
      await tx.authPolicy.create({ data: { tenantId, signUp: 'invitation' } })
      return sendInvitation(tx, tools, { tenantId, host, locale: place.locale, email, role: 'operator', link })
    }),
  )
  return { console: host, made: true, operator: result }
}

/** Some site may be called so. */
async function freeSlug({ directory }: Database): Promise<string> {
  const taken = await directory.tenant.findUnique({ where: { slug: 'console' }, select: { id: true } })
  return taken ? 'hub-console' : 'console'
}
