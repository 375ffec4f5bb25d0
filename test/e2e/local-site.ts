import type { Test } from 'tap'
import { seed } from '../../prisma/seed.ts'
import { startService } from '../../src/start-service.ts'
import { createTestDatabase } from '../database.ts'
import { freePort } from '../free-port.ts'
import { localConfig } from './local-config.ts'

/** The seeded sites, served on a port of this machine until the test ends. `slug`, `origin`, `accounts` are the first one's. */
export async function startLocalSites(t: Test) {
  const data = await createTestDatabase(t)
  const port = await freePort()
  const config = await localConfig(t, data.url, port)
  const sites = await seed(config, () => {})
  const service = await startService(config, { maxEventLoopDelay: 0 })
  t.teardown(() => service.stop())
  const { slug = '', accounts = [] } = sites[0] ?? {}
  return { data, port, config, sites, slug, accounts, origin: `http://${slug}.localhost:${port}` }
}
