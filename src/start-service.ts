import type { AddressInfo } from 'node:net'
import { buildApp, type Overrides } from './app.ts'
import type { Config } from './config.ts'

export interface Service {
  /** The port in use, also when 0 was asked for. */
  port: number
  /** Stops taking requests, ends those in flight, closes the pools. */
  stop(): Promise<void>
}

/** Serves. Listens at once, so that health checks are answered, and serves tenants as soon as the database is there and its walls are proven. */
export async function startService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const app = await buildApp(config, overrides)
  await app.listen({ host: config.listen.host, port: config.listen.port })
  await app.readiness.prove().catch(async (error) => {
    await app.close()
    throw error
  })
  const address = app.server.address() as AddressInfo
  return { port: address.port, stop: () => app.close() }
}

const hardStop = 20_000

/** Runs `stop` at the first SIGTERM or SIGINT, and ends the process: cleanly, or hard when stopping takes longer than a platform would wait. */
export function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A terminal tells the whole process group, and whoever started us tells us again.
      if (stopping) return
      stopping = true
      setTimeout(() => process.exit(1), hardStop).unref()
      stop().then(
        () => process.exit(0),
        (error) => {
          console.error(error)
          process.exit(1)
        },
      )
    })
  }
}

/** For a person at a terminal: what is wrong and nothing else. The stack is for bugs. */
export function exitWith(error: unknown): never {
  const plain = error instanceof Error && ['ConfigError', 'WallError', 'Error'].includes(error.name)
  console.error(plain ? error.message : error)
  process.exit(1)
}
