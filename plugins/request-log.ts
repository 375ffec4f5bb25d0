import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

type Bindings = Record<string, unknown>
type Line = Parameters<FastifyBaseLogger['info']>
type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'

/**
 * Makes the logger of a request when it first writes something. pino serialises what a child carries, and cuts secrets out of it, at the
 * moment it is made; nearly every request that is answered from memory writes nothing at the usual levels, and two children took a sixth of it.
 */
async function requestLogPlugin(app: FastifyInstance): Promise<void> {
  app.setChildLoggerFactory((logger, bindings, options) => new LateLogger(logger, bindings, options))
}

class LateLogger implements FastifyBaseLogger {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: Bindings
  readonly #options: object
  #made: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: Bindings, options: object) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  child(bindings: Bindings, options?: object): FastifyBaseLogger {
    return new LateLogger(this.#parent, { ...this.#bindings, ...bindings }, { ...this.#options, ...options })
  }

  fatal(...line: Line): void {
    this.#write('fatal', line)
  }
  error(...line: Line): void {
    this.#write('error', line)
  }
  warn(...line: Line): void {
    this.#write('warn', line)
  }
  info(...line: Line): void {
    this.#write('info', line)
  }
  debug(...line: Line): void {
    this.#write('debug', line)
  }
  trace(...line: Line): void {
    this.#write('trace', line)
  }
  silent(): void {}

  get level(): string {
    return this.#parent.level
  }

  #write(level: Level, line: Line): void {
    // pino replaces the methods of levels that are off by the one that does nothing.
    if (this.#parent[level] === this.#parent.silent) return
    this.#made ??= this.#parent.child(this.#bindings, this.#options)
    this.#made[level](...line)
  }
}

export const requestLog = fp(requestLogPlugin, { name: 'request-log', fastify: '5.x' })
