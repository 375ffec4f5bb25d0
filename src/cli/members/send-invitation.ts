import { inviteAsOperator } from '../../auth/staff/invite-as-operator.ts'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/client.ts'
import { workerName } from '../../jobs/worker-presence.ts'
import { canSend } from '../../mail/account/can-send.ts'
import { mintChallenge } from '../../mail/outbox/mint-challenge.ts'
import type { CreationTx } from '../../provision/create-site.ts'
import { createChallengeMint } from '../../security/challenge-secrets.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { originOf } from '../../tenancy/canonical-origin.ts'
import { languageOf } from '../../tenancy/language.ts'

export interface Invitee {
  tenantId: string
  /** Where its link leads: the canonical host. */
  host: string
  /** Of the site. */
  locale: string
  email: string
  /** Filled in where the invited becomes a member. */
  name?: string | undefined
  role: string
  /** No mail, but a link for whoever asked to hand on. */
  link: boolean
}

export interface Invited {
  email: string
  role: string
  by: 'mail' | 'link'
  /** Good once. It is kept nowhere, so this is the only time that it is told. */
  link?: string
  expiresAt: string
}

export interface InvitationTools {
  database: Database
  box: SecretBox
  config: Config
}

/** Where nothing could carry a mail away, the link is told instead: an invitation that waits for an account nobody has yet would run out. */
export async function sendInvitation(tx: CreationTx, { database, box, config }: InvitationTools, invitee: Invitee): Promise<Invited> {
  const { tenantId, host, locale, email, name, role, link } = invitee
  const byMail = !link && (await canSend(database, tenantId))
  const inviter = await nameOfHub(database)
  const wish = { tenantId, email, name, role, inviter, language: languageOf(locale), byMail }
  const { challenge, expiresAt } = await inviteAsOperator(tx, wish)
  const invited = { email, role, expiresAt: expiresAt.toISOString() }
  if (byMail) return { ...invited, by: 'mail' }
  const minted = await mintChallenge(tx, createChallengeMint(box.deriveKeys('challenges')), { tenantId, id: challenge })
  return { ...invited, by: 'link', link: `${originOf(host, config.publicOrigin)}/account/invitation?token=${minted?.token ?? ''}` }
}

export function tellInvited({ email, role, by, link, expiresAt }: Invited): string {
  if (by === 'mail') return `${email} is invited as ${role}; the mail is in the outbox.`
  return `${email} is invited as ${role}. No mail was sent: hand this link on, which is good once, until ${expiresAt}.\n${link}`
}

/** On the error output, where a mail was left to somebody who is not there. */
export async function warnWithoutWorker({ directory }: Database, invited: Invited | undefined): Promise<void> {
  if (invited?.by !== 'mail') return
  const [row] = await directory.$queryRaw<{ workers: number }[]>`
    select count(*)::int as workers from pg_stat_activity where datname = current_database() and application_name = ${workerName}`
  if (row?.workers === 0) {
    console.error('No job worker is connected: the mail leaves when one is (src/server.ts with WORKER=on, or src/worker.ts).')
  }
}

async function nameOfHub({ directory, forTenant }: Database): Promise<string> {
  const platform = await directory.tenant.findFirst({ where: { kind: 'platform' }, select: { id: true } })
  const site = platform && (await forTenant(platform.id).site.findFirst({ select: { name: true } }))
  return site?.name ?? 'Tenantry'
}
