import type pg from 'pg'
import type { Dns } from '../security/dns/dns-lookup.ts'
import { randomSecret } from '../security/random-token.ts'
import { checkHost, type HostCheck } from './check-host.ts'
import { proofValue } from './host-records.ts'
import type { HostRow } from './host-state.ts'
import { inHostTurn, lockSites, recordHostEvent } from './host-turn.ts'
import { readHost } from './read-hosts.ts'

export interface VerifiedHost {
  row: HostRow
  check: HostCheck
  /** The site that holds the host, where that stands against it. */
  holder?: string
}

export interface VerifyTools {
  dns: Dns
  /** HOST_TARGETS */
  targets: readonly string[]
}

/** Looks at the DNS of a host and acts on it: what was claimed and is proven is served from now on. The look-ups are over before anything is locked. */
export async function verifyHost(owner: pg.Client, claim: HostRow, { dns, targets }: VerifyTools): Promise<VerifiedHost> {
  const { tenantId, site, host } = claim
  const token = claim.token ?? (await mintToken(owner, claim))
  const found = await checkHost(dns, { host, token }, targets)
  // An operator's word stands, so the proof that is missing is no fault.
  const check = claim.status === 'verified' && !claim.provenAt ? excused(found) : found
  const holder = claim.status === 'verified' ? await noteVerified(owner, claim, check) : await settleClaim(owner, { ...claim, token }, check)
  const row = (await readHost(owner, site, host)) ?? claim
  if (!holder) return { row, check }
  await owner.query(`update hosts set finding = 'proof-held' where tenant_id = $1 and host = $2 and status = 'pending'`, [tenantId, host])
  return { row: { ...row, finding: 'proof-held' }, check: { ...check, finding: 'proof-held', found: [`site ${holder}`] }, holder }
}

/** Those that were there before hosts had proofs have none. */
async function mintToken(owner: pg.Client, { tenantId, host }: HostRow): Promise<string> {
  const { rows } = await owner.query<{ token: string }>(
    'update hosts set token = coalesce(token, $3) where tenant_id = $1 and host = $2 returning token',
    [tenantId, host, randomSecret()],
  )
  if (!rows[0]) throw new Error(`"${host}" was removed meanwhile.`)
  return rows[0].token
}

export function excused(check: HostCheck): HostCheck {
  if (check.proof === 'ok') return check
  return { ...check, proof: 'unasked', ...(check.finding.startsWith('proof-') ? { finding: 'proof-unasked' as const, found: [] } : {}) }
}

async function noteVerified(owner: pg.Client, { tenantId, host }: HostRow, { proof, points, finding }: HostCheck): Promise<undefined> {
  await owner.query('select record_host_check($1, $2, $3, $4, $5)', [tenantId, host, proof, points, finding])
}

/** Answers who stands against it. */
async function settleClaim(owner: pg.Client, { tenantId, host, token }: HostRow, check: HostCheck): Promise<string | undefined> {
  return inHostTurn(owner, host, async () => {
    await lockSites(owner, { tenantId, host })
    await owner.query(`update hosts set checked_at = now(), finding = $3 where tenant_id = $1 and host = $2 and status = 'pending'`, [
      tenantId,
      host,
      check.finding,
    ])
    if (check.proof !== 'ok') return undefined
    const holder = await standingHolder(owner, { tenantId, host }, check.texts)
    if (holder) return holder
    const { rows } = await owner.query<{ canonical: boolean }>(
      `update hosts set status = 'verified', proven_at = now(), released_at = null, failing_since = null, failures = 0,
         pointed_at = case when $4 then now() end, canonical = not exists (select from hosts where tenant_id = $1 and canonical)
       where tenant_id = $1 and host = $2 and token = $3 and status = 'pending' returning canonical`,
      [tenantId, host, token, check.points],
    )
    if (rows[0]) await recordHostEvent(owner, { tenantId, action: 'host.proven', host })
    if (rows[0]?.canonical) await recordHostEvent(owner, { tenantId, action: 'host.became-canonical', host })
    return undefined
  })
}

/**
 * The take-over guard. Another site that holds the host keeps it while its own proof stands beside the new one, and for as long as an operator's word
 * is all it has. Where its proof is gone from the very answer that holds the new one, who runs the domain has decided: it is released. A site that is
 * deleted serves nobody, and yields to any proof.
 */
async function standingHolder(owner: pg.Client, { tenantId, host }: Pick<HostRow, 'tenantId' | 'host'>, texts: readonly string[]) {
  const { rows } = await owner.query<{ id: string; site: string; deleted: boolean; token: string | null; proven: boolean }>(
    `select h.tenant_id as id, t.slug as site, t.status = 'deleted' as deleted, h.token, h.proven_at is not null as proven from hosts h join tenants t on t.id = h.tenant_id
     where h.host = $1 and h.status = 'verified' and h.tenant_id <> $2 for update of h`,
    [host, tenantId],
  )
  const [holder] = rows
  if (!holder) return undefined
  if (!holder.deleted && (holder.token === null || !holder.proven || holds(texts, holder.token))) return holder.site
  await owner.query(`select release_host($1, $2, 'proven-elsewhere')`, [holder.id, host])
  return undefined
}

function holds(texts: readonly string[], token: string): boolean {
  const wanted = proofValue(token)
  return texts.some((text) => text.trim() === wanted)
}
