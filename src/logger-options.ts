import type { LoggerOptions } from 'pino'
import type { Config } from './config.ts'

/** Ids, never addresses, tokens or bodies. Fastify logs no headers; what an error might carry along is cut out by name. */
export function loggerOptions({ log }: Config): LoggerOptions {
  const secret = ['password', 'token', 'refreshToken', 'accessToken', 'authorization', 'cookie', 'email', 'secret']
  return {
    level: log.level,
    // `err.client`: pg hangs the whole connection on its errors, with the key that cancels what runs on it.
    redact: { paths: ['err.client', ...secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])], remove: true },
    serializers: {
      req: ({ method, url, id }: { method: string; url: string; id: string }) => ({ method, path: url.split('?')[0], id }),
    },
  }
}
