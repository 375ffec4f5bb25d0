import { shapeAccount } from '../../../mail/account/account.ts'
import { chooseAccount } from '../../../mail/account/choose-account.ts'
import { createProviderOpener } from '../../../mail/providers/open-provider.ts'
import { MailFailure } from '../../../mail/providers/provider.ts'
import { createSecretBox } from '../../../security/secret-box.ts'
import { readTenant } from '../../../tenancy/read-tenant.ts'
import { countDead } from '../../jobs/list.ts'
import { failureWords } from '../../mail/failure-words.ts'
import { type Check, ok, type Patient, problem, type Remark, some, warning } from '../check.ts'
import { overSites } from '../over-sites.ts'

/** Connects by the platform's account alone: sites' own servers are theirs, and what they did lately is written down. */
export const mail: Check = {
  name: 'mail',
  asksDatabase: true,
  async *run(patient) {
    // A server that does not answer takes its time, and is no reason to forget what the database knows.
    const platform = platformRemarks(patient)
    platform.catch(() => {})
    yield* await pausedRemarks(patient)
    yield* await deadRemarks(patient)
    yield* await platform
  },
}

async function deadRemarks({ database }: Patient): Promise<Remark[]> {
  const dead = await countDead(database())
  if (dead.length === 0) return []
  const sites = dead.map((row) => `${row.site} ${row.dead}`)
  return [
    warning(
      `mails could not be delivered: ${some(sites)}`,
      'The staff of each site see why, and can send them again (GET /v1/mail/messages?status=dead).',
    ),
  ]
}

async function platformRemarks({ config, database }: Patient): Promise<Remark[]> {
  const platform = await database().directory.tenant.findFirst({ where: { kind: 'platform' }, select: { id: true, slug: true } })
  if (!platform) return [warning('the hub has no site of its own, where operators sign in', '"tenantry operator create" makes it.')]
  if (config.secretKeys.length === 0) return [problem('SECRET_KEYS is not set: no account can be opened', 'Set it as the service has it.')]
  const row = await database().forTenant(platform.id).mailAccount.findFirst()
  const settled = shapeAccount(row)
  if (settled.provider === 'none') {
    return [
      warning(
        'the platform has no mail account: neither operators nor sites without one of their own get mail',
        'Sign in on the console and set it (PUT /v1/mail-account).',
      ),
    ]
  }
  const tenant = await readTenant(database(), { id: platform.id })
  const account = tenant && (await chooseAccount({ database: database(), secretBox: createSecretBox(config.secretKeys) }, tenant))
  if (!account)
    return [
      problem(
        `the platform's server rests until ${settled.state.pausedUntil ?? 'later'}: ${settled.state.lastFailure ?? ''}`,
        '"tenantry mail test --platform" tells more once it is tried again.',
      ),
    ]
  try {
    const provider = await createProviderOpener({ privateHosts: config.mail.privateHosts }).open(account.settings)
    await provider.verify().finally(() => provider.close())
    return [ok("the platform's server takes its settings")]
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error
    return [
      problem(
        `the platform's account does not work. ${failureWords(error)}`,
        'Correct the account on the console (PUT /v1/mail-account), or the server.',
      ),
    ]
  }
}

async function pausedRemarks({ database, now }: Patient): Promise<Remark[]> {
  const sites = await database().directory.tenant.findMany({ where: { kind: 'site', status: 'active' }, select: { id: true, slug: true } })
  const paused: string[] = []
  const left = await overSites(sites, async ({ id, slug }) => {
    const resting = await database()
      .forTenant(id)
      .mailAccount.count({ where: { pausedUntil: { gt: new Date(now()) } } })
    if (resting > 0) paused.push(slug)
  })
  if (paused.length === 0) return left
  return [
    ...left,
    warning(`mail servers rest after failures, of ${some(paused)}`, '"tenantry mail test <slug>" and "tenantry site show <slug>" tell why.'),
  ]
}
