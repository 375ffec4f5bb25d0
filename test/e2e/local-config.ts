import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { type Config, loadConfig } from '../../src/config.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A service on this machine as a browser meets it. It sends no mail. */
export async function localConfig(t: Test, databaseUrl: string, port: number): Promise<Config> {
  return loadConfig({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_SCHEME: 'http',
    PUBLIC_PORT: String(port),
    DATABASE_URL: databaseUrl,
    STORAGE_DIR: await temporaryFolder(t),
    SECRET_KEYS: `t:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'silent',
    WORKER: 'off',
  })
}
