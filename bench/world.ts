import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config.ts'
import { provideEmbedded } from '../src/embedded/environment.ts'
import { type Seeded, seedTenants } from './seed-tenants.ts'

/** A database of the bench's own with its tenants, and the environment in which a server runs on it as in production. */
export interface World {
  env: Record<string, string>
  seeded: Seeded
  stop(): Promise<void>
}

/** `database`: the URL of a migrated one without sites, instead of a server of its own. */
export async function createWorld(tenants: number, database?: string): Promise<World> {
  const folder = await createFolder()
  const undo = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const step of undo.splice(0)) await step()
  }
  try {
    const url = database ?? (await startServer(folder, undo))
    const env = {
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: url,
      // The load generator connects directly.
      TRUST_PROXY: 'none',
      STORAGE_DIR: join(folder, 'media'),
      SECRET_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    }
    return { env, seeded: await seedTenants(loadConfig(env), { tenants, withEntries: 200 }), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startServer(folder: string, undo: (() => Promise<void>)[]): Promise<string> {
  const { env, stop } = await provideEmbedded({ DATA_DIR: folder, NODE_ENV: 'test' }, () => {})
  undo.unshift(stop)
  return env.DATABASE_URL ?? ''
}

/** One that the embedded PostgreSQL may enter too, which runs as another user when the bench runs as root. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  await chmod(folder, 0o755)
  return folder
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer()
    probe.on('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no free port'))))
    })
  })
}
