import { recordEvent } from '../audit/record-event.ts'
import type { Database, TenantDb } from '../db/client.ts'
import { sqlState } from '../db/sql-error.ts'
import { claimableHost, type HostRules } from '../hosts/claimable-host.ts'
import { newId } from '../security/random-token.ts'
import type { SecretBox } from '../security/secret-box.ts'
import { lockHost } from '../tenancy/host-lock.ts'
import { type Furniture, furnishSite } from './furnish-site.ts'

export interface NewSite extends Furniture {
  slug: string
  kind: 'site' | 'platform'
  /** In its one form. Taken as proven: an operator says so. */
  host: string
}

export interface CreationTools {
  /** Opened as the owner role, which may write to the directory. */
  owner: Database
  box: SecretBox
  /** What no site may be called. */
  rules: HostRules
}

/** As a transaction of a database that is opened as the owner role sees itself: bound to the new tenant. */
export type CreationTx = Parameters<Parameters<TenantDb['$transaction']>[0]>[0]

/** Each says what stands in the way, in a sentence. */
export class SiteClash extends Error {
  override name = 'SiteClash'
}

/** Of a few dozen rows, over a connection that may be slow. Milliseconds. */
const patience = { maxWait: 10_000, timeout: 30_000 }

/**
 * Makes a site with everything it needs to serve, and does what else belongs to that, in one transaction: it is there whole or not at all. Throws one
 * plain line where the host can be none of this site's.
 */
export async function createSite<Result>(
  { owner, box, rules }: CreationTools,
  plan: NewSite,
  also: (tx: CreationTx, tenantId: string) => Promise<Result>,
): Promise<{ tenantId: string; result: Result }> {
  const tenantId = newId()
  claimableHost(plan.host, rules, { slug: plan.slug, asserted: true })
  await refuseClashes(owner, plan)
  try {
    const result = await owner.forTenant(tenantId).$transaction(async (tx) => {
      await lockHost(tx, plan.host)
      await tx.tenant.create({ data: { id: tenantId, slug: plan.slug, kind: plan.kind } })
      await tx.host.create({ data: { tenantId, host: plan.host, status: 'verified', canonical: true } })
      await furnishSite(tx, box, tenantId, plan)
      await recordEvent(tx, { tenantId, actor: { kind: 'operator' } }, { action: 'site.created', target: { kind: 'site', id: tenantId } })
      return also(tx, tenantId)
    }, patience)
    return { tenantId, result }
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new SiteClash(`Somebody took ${plan.slug} or ${plan.host} this very moment.`, { cause: error })
  }
}

async function refuseClashes({ directory }: Database, { slug, kind, host }: NewSite): Promise<void> {
  if (await directory.tenant.findUnique({ where: { slug } })) throw new SiteClash(`There is a site "${slug}" already, perhaps a deleted one.`)
  const held = await directory.host.findFirst({ where: { host, status: 'verified' }, select: { tenant: { select: { slug: true, status: true } } } })
  if (held) {
    const { slug: holder, status } = held.tenant
    const remedy = status === 'deleted' ? `, which is deleted: "tenantry host remove ${holder} ${host}" frees it.` : '.'
    throw new SiteClash(`${host} belongs to the site "${holder}"${remedy}`)
  }
  if (kind === 'platform' && (await directory.tenant.findFirst({ where: { kind } }))) throw new SiteClash('The hub has its own site already.')
}

function isTaken(error: unknown): boolean {
  return sqlState(error) === '23505' || (error instanceof Error && 'code' in error && error.code === 'P2002')
}
