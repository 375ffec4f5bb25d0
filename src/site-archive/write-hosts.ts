import type pg from 'pg'
import { randomSecret } from '../security/random-token.ts'
import { lockHosts } from '../tenancy/host-lock.ts'
import { type ChosenHost, type HostPolicy, readTakenHosts } from './choose-hosts.ts'

/**
 * In the import's transaction, and last in it: until it ends nobody else gets these hosts. Each has a token of its own here, since the one of the other
 * hub is a public record that anybody could have put into an archive.
 */
export async function writeHosts(
  owner: pg.Client,
  { record }: HostPolicy,
  { tenantId, hosts }: { tenantId: string; hosts: readonly ChosenHost[] },
): Promise<void> {
  await lockHosts(
    owner,
    hosts.map(({ host }) => host),
  )
  await refuseTaken(owner, hosts)
  for (const { host, proven, canonical } of hosts) {
    const status = proven ? 'verified' : 'pending'
    await owner.query('insert into hosts (tenant_id, host, status, canonical, token) values ($1, $2, $3, $4, $5)', [
      tenantId,
      host,
      status,
      canonical,
      randomSecret(),
    ])
    await record(owner, { tenantId, action: 'host.added', host, details: { asserted: proven } })
    if (proven) await record(owner, { tenantId, action: 'host.proven', host, details: { asserted: true } })
    if (canonical) await record(owner, { tenantId, action: 'host.became-canonical', host })
  }
}

/** Since the plan was made, somebody else may have got one of them. */
async function refuseTaken(owner: pg.Client, hosts: readonly ChosenHost[]): Promise<void> {
  const taken = await readTakenHosts(owner)
  const lost = hosts.find(({ host, proven }) => taken.console.has(host) || (proven && taken.proven.has(host)))
  if (lost) throw new Error(`"${lost.host}" became another site's while this was imported. Nothing was imported.`)
}
