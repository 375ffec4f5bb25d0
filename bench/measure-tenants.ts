import { type Child, startChild } from './child.ts'
import { load, loadHosts, visitHosts } from './load.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'
import type { World } from './world.ts'

const few = 10

/** One process that has served ten thousand sites against one that has served ten, both warm. */
export async function measureTenants(pace: Pace, { env, seeded }: World): Promise<Row[]> {
  const many = seeded.hosts.slice(0, pace.tenants)
  const [crowded, quiet] = [await startChild('tenantry', env), await startChild('tenantry', env)]
  const [atCrowded, atQuiet] = [await siteOf(crowded), await siteOf(quiet)]
  await visitHosts(atCrowded, many)
  const rates = await takeTurns(pace, {
    many: (seconds) => loadHosts(atCrowded, many, { seconds, server: crowded }),
    few: (seconds) => loadHosts(atQuiet, tenOf(many), { seconds, server: quiet }),
  })
  await Promise.all([crowded.stop(), quiet.stop()])
  const name = many.length.toLocaleString('en')
  return [compare(`GET /v1/site of ${name} tenants / of ${few}`, rates.many, rates.few, { atLeast: 0.9 })]
}

async function siteOf(server: Child) {
  const target = { origin: `http://127.0.0.1:${await server.ask<number>('port')}`, path: '/v1/site', headers: {} }
  await load({ ...target, headers: { host: 's1.bench.example' } }, 1)
  return target
}

/** As long a list, so that the load generator works alike. */
function tenOf(hosts: readonly string[]): string[] {
  return hosts.map((_, at) => hosts[at % few] ?? '')
}
