import { randomBytes } from 'node:crypto'
import { type Config, loadConfig } from '../../src/config.ts'

/** A service on this machine as a browser meets it. It sends no mail. */
export function localConfig(databaseUrl: string, port: number): Config {
  return loadConfig({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_SCHEME: 'http',
    PUBLIC_PORT: String(port),
    DATABASE_URL: databaseUrl,
    SECRET_KEYS: `t:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'silent',
    WORKER: 'off',
  })
}
