import { createHmac } from 'node:crypto'
import { newId } from '../random-token.ts'
import { clearScript, failScript, type Script, takeBackScript, takeScript, waitScript } from './redis-scripts.ts'
import type { Counter, LimitStore } from './store.ts'

export interface RedisStoreOptions {
  /** Has Redis run a script, or throws in good time. */
  run(script: Script, key: string, args: string[]): Promise<unknown>
  /** The first names keys in Redis, so that whoever reads there finds no addresses of people or machines. */
  secrets: readonly Buffer[]
  /** Default: the clock of Redis. */
  now?: () => number
}

const prefix = 'tenantry:limits'

/** In a Redis that all copies of the service share. Every key expires with what it counts. */
export function createRedisStore({ run, secrets: [secret], now }: RedisStoreOptions): LimitStore {
  if (!secret) throw new TypeError('keys in Redis need a secret')
  const ask = (script: Script, { name, key }: Counter, args: (string | number)[] = []) => {
    const hashed = createHmac('sha256', secret).update(key).digest('base64url')
    return run(script, `${prefix}:${name}:${hashed}`, [now ? String(now()) : '', ...args.map(String)])
  }
  return {
    take: async (counter, { limit, windowMs }) => Number(await ask(takeScript, counter, [limit, windowMs])),
    async fail(counter, { delays, forgetMs }) {
      const id = newId()
      const [wait, failures, series, before] = readParts(await ask(failScript, counter, [id, forgetMs, ...delays]))
      return {
        wait: Number(wait),
        failures: Number(failures),
        async takeBack() {
          if (Number(failures) > 0) await ask(takeBackScript, counter, [id, String(series), Number(before)])
        },
      }
    },
    wait: async (counter) => Number(await ask(waitScript, counter)),
    clear: async (counter) => void (await ask(clearScript, counter)),
  }
}

function readParts(answer: unknown): unknown[] {
  if (!Array.isArray(answer)) throw new TypeError('Redis answers a script in another form than it has')
  return answer
}
