import type { Database, TenantDb } from '../../db/client.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import type { ProviderSettings } from '../providers/open-provider.ts'

export interface Sender {
  name: string
  address: string
  replyTo?: string
}

/** The account that a site's mail leaves through now. */
export interface ChosenAccount {
  settings: ProviderSettings
  sender: Sender
  by: 'own' | 'platform'
  /** Whose row it is. */
  accountTenantId: string
  revision: number
  /** Failures of the server in a row. */
  failures: number
  /** Mails that this site may send a day. */
  dailyCap: number
  /** Mails that the platform's account may send today for all sites together; Infinity for a site's own. */
  relayLeft: number
}

export interface AccountTools {
  database: Database
  secretBox: SecretBox
}

/** What a site may send a day that never set an account up. */
const usualCap = 1_000
/** Of what the platform's account may send a day, one site at most so much. */
const relayShare = 0.2

/** The site's own account, or where that is missing or paused the platform's, if the site lets it stand in. Undefined where there is none to use now. */
export async function chooseAccount({ database, secretBox }: AccountTools, tenant: Tenant): Promise<ChosenAccount | undefined> {
  const db = database.forTenant(tenant.id)
  const own = await db.mailAccount.findFirst()
  if (own && isUsable(own)) return { ...opened(own, secretBox), sender: senderOf(own), by: 'own', relayLeft: Number.POSITIVE_INFINITY }
  if (own?.fallback === false) return undefined
  const platformId = await findPlatform(database)
  if (!platformId || platformId === tenant.id) return undefined
  const platform = await database.forTenant(platformId).mailAccount.findFirst()
  if (!platform || !isUsable(platform)) return undefined
  const sender = await senderByProxy(db, own, platform.senderAddress)
  const dailyCap = Math.min(own?.dailyCap ?? usualCap, Math.ceil(platform.dailyCap * relayShare))
  return { ...opened(platform, secretBox), sender, by: 'platform', dailyCap, relayLeft: platform.dailyCap - relayedToday(platform) }
}

type Row = NonNullable<Awaited<ReturnType<TenantDb['mailAccount']['findFirst']>>>

function isUsable({ provider, pausedUntil }: Row): boolean {
  return provider !== 'none' && (pausedUntil === null || pausedUntil <= new Date())
}

function relayedToday({ relayed, relayedOn }: Row): number {
  const today = new Date().toISOString().slice(0, 10)
  return relayedOn?.toISOString().slice(0, 10) === today ? relayed : 0
}

function opened(row: Row, secretBox: SecretBox) {
  const { tenantId, provider, host, port, security, username, sealedSecret, revision, failures, dailyCap } = row
  const secret = sealedSecret === null ? '' : secretBox.open(sealedSecret, { tenantId, field: 'mail_accounts.sealed_secret' })
  const settings: ProviderSettings = {
    provider: provider === 'resend' ? 'resend' : 'smtp',
    host,
    port,
    security: security === 'starttls' || security === 'none' ? security : 'tls',
    username,
    secret,
  }
  return { settings, accountTenantId: tenantId, revision, failures, dailyCap }
}

function senderOf({ senderName, senderAddress, replyTo }: Row): Sender {
  return { name: senderName, address: senderAddress, ...(replyTo ? { replyTo } : {}) }
}

/** The platform's address, under the site's name; answers go to the site. */
async function senderByProxy(db: TenantDb, own: Row | null, address: string): Promise<Sender> {
  const site = await db.site.findFirst({ select: { name: true, contactEmail: true } })
  const replyTo = own?.replyTo || own?.senderAddress || site?.contactEmail
  return { name: site?.name ?? '', address, ...(replyTo ? { replyTo } : {}) }
}

async function findPlatform({ directory }: Database): Promise<string | undefined> {
  const platform = await directory.tenant.findFirst({ where: { kind: 'platform', status: 'active' }, select: { id: true } })
  return platform?.id
}
