import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { loadConfig } from '../../src/config.ts'
import { type Service, startService } from '../../src/start-service.ts'
import { freePort } from '../free-port.ts'
import { type RawAnswer, sendRaw } from '../raw-request.ts'

export interface Serving {
  /** Settles as startService does. */
  started: Promise<Service>
  /** What GET of the path answers on the host; undefined where nobody listens. */
  get(host: string, path: string): Promise<(RawAnswer & { code?: string }) | undefined>
}

/** Starts the service as its process does, without waiting for it: it listens before it is ready. */
export async function serve(t: Test, databaseUrl: string): Promise<Serving> {
  const port = await freePort()
  const env = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    DATABASE_POOL_MAX: '4',
    SECRET_KEYS: `t:${randomBytes(32).toString('base64')}`,
  }
  const started = startService(loadConfig({ ...env, PORT: String(port), DATABASE_URL: databaseUrl }), { maxEventLoopDelay: 0 })
  t.teardown(async () => (await started.catch(() => undefined))?.stop())
  return {
    started,
    async get(host, path) {
      const answer = await sendRaw(port, [`GET ${path} HTTP/1.1`, `Host: ${host}`]).catch(() => undefined)
      return answer?.headers['content-type']?.includes('json') ? { ...answer, code: JSON.parse(answer.body).code } : answer
    },
  }
}
