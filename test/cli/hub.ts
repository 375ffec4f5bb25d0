import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createTestDatabase } from '../database.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { runTenantry } from './run-tenantry.ts'

/** A migrated hub without a site, and the variables that commands and the service find it by. */
export async function createHub(t: Test) {
  const data = await createTestDatabase(t)
  const env = {
    DATABASE_URL: data.url,
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    STORAGE_DIR: await temporaryFolder(t),
    PUBLIC_SCHEME: 'http',
  }
  return {
    data,
    count: async (table: string): Promise<number> => (await data.owner.query(`select count(*)::int as n from ${table}`)).rows[0].n,
    run: (args: string[], more: Record<string, string> = {}) => runTenantry(args, { ...env, ...more }),
    /** The service over the same database, asked on a host. */
    async serve() {
      // Commands run beside it as processes of their own: a busy machine is no reason to turn anybody away here.
      const app = await buildApp(loadConfig({ ...env, NODE_ENV: 'test', LOG_LEVEL: 'silent', WORKER: 'off' }), { maxEventLoopDelay: 0 })
      t.teardown(() => app.close())
      await app.readiness.prove()
      return (host: string, url: string, payload?: object, token?: string) =>
        app.inject({
          method: payload ? 'POST' : 'GET',
          url,
          headers: { host, ...(token ? { authorization: `Bearer ${token}` } : {}) },
          ...(payload ? { payload } : {}),
        })
    },
  }
}
