import type pg from 'pg'
import type { Test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { addHost, type HostWish } from '../../src/hosts/add-host.ts'
import { proofName, proofValue } from '../../src/hosts/host-records.ts'
import { type HostState, stateOf } from '../../src/hosts/host-state.ts'
import { readHost } from '../../src/hosts/read-hosts.ts'
import { type VerifiedHost, verifyHost } from '../../src/hosts/verify-host.ts'
import { connect, createTestDatabase, type TestTenant } from '../database.ts'
import { type Records, startDns } from '../dns-server.ts'

export const target = 'sites.hub.example'
const address = '192.0.2.80'

/** Two sites, a name server on loopback in which the hub's own name is, and the connection that operators' commands have. */
export async function arrangeHosts(t: Test, dnsOptions: Parameters<typeof startDns>[1] = {}) {
  const data = await createTestDatabase(t)
  const server = await startDns(t, dnsOptions)
  server.zone.set(target, { a: [address] })
  const config = loadConfig({ HOST_TARGETS: `${target},*.apps.example,${address}` })
  const { targets } = config.hosts
  const owner = await connect(t, data.url)
  await owner.query('set role tenantry_owner')
  const [one, other] = [await data.addTenant({ slug: 'one' }), await data.addTenant({ slug: 'other' })]
  const add = (wish: HostWish, own: pg.Client = owner) => addHost(own, wish, config)
  const read = async (slug: string, host: string) => {
    const row = await readHost(owner, slug, host)
    if (!row) throw new Error(`${slug} has no ${host}`)
    return row
  }
  const verify = async (slug: string, host: string, own: pg.Client = owner): Promise<VerifiedHost & { state: HostState }> => {
    const verified = await verifyHost(own, await read(slug, host), { dns: server.dns, targets })
    return { ...verified, state: stateOf(verified.row, true) }
  }
  /** Sets the proofs of these sites, and whatever else is wanted, at the DNS of the host. */
  const publish = async (host: string, slugs: readonly string[], records: Records = { cname: target }) => {
    const tokens = await Promise.all(slugs.map(async (slug) => (await read(slug, host)).token ?? ''))
    server.zone.set(proofName(host), { txt: tokens.map(proofValue) })
    server.zone.set(host, records)
  }
  /** As if the last look had been so many days ago. */
  const age = (host: string, days: number) =>
    data.owner.query(
      `update hosts set failing_since = failing_since - ago, failed_since = failed_since - ago, failed_at = failed_at - ago
       from make_interval(days => $2) ago where host = $1`,
      [host, days],
    )
  const events = async (site: TestTenant): Promise<[string, string, object][]> =>
    (await data.owner.query('select action, target, details from audit_events where tenant_id = $1 order by id', [site.id])).rows.map((row) => [
      row.action,
      row.target,
      row.details,
    ])
  return { data, server, zone: server.zone, config, owner, one, other, add, read, verify, publish, age, events }
}
