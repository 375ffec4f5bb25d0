import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { buildApp, type Overrides } from './app.ts'
import type { Config } from './config.ts'
import { createTlsAsk } from './hosts/tls-ask.ts'
import type { Worker } from './start-worker.ts'

export interface Service {
  /** The port in use, also when 0 was asked for. */
  port: number
  /**
   * Not ready, and no new jobs, at once; after `STOP_DELAY_SECONDS` no new requests either; then what is in flight, jobs too, comes to its end, and
   * the pools are closed.
   */
  stop(): Promise<void>
}

/** Serves. Listens at once, so that health checks are answered, and serves tenants as soon as the database is there and its walls are proven. */
export async function startService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const app = await buildApp(config, overrides)
  let worker: Worker | undefined
  let tlsAsk: FastifyInstance | undefined
  let jobs: Promise<void> | undefined
  // Hooks that came last run first: the pools, which jobs work on too, are closed after it.
  app.addHook('onClose', () => jobs)
  try {
    await app.listen({ host: config.listen.host, port: config.listen.port }).catch(explainListening('HOST', 'PORT', config.listen.port))
    tlsAsk = await listenToTlsAsk(app)
    await app.readiness.prove()
    worker = config.worker.inside ? await startInside(app) : undefined
  } catch (error) {
    await tlsAsk?.close()
    await app.close()
    throw error
  }
  const address = app.server.address() as AddressInfo
  let stopping: Promise<void> | undefined
  const stop = async () => {
    app.drain()
    jobs = worker?.stop()
    // It may fail before anybody waits for it.
    jobs?.catch(() => {})
    await delay(config.stopDelay)
    try {
      await tlsAsk?.close()
    } finally {
      await app.close()
    }
  }
  return {
    port: address.port,
    stop() {
      stopping ??= stop()
      return stopping
    },
  }
}

/** Loaded only where it works: beside a process of its own the queue need not lie in this one's memory. */
async function startInside({ mailProviders: opener, ...app }: Awaited<ReturnType<typeof buildApp>>): Promise<Worker> {
  const { config, database, objectStorage, images, dns, log } = app
  const { startWorker } = await import('./start-worker.ts')
  return startWorker({ config, database, objectStorage, images, dns, opener, log })
}

/** On a port of its own, which the proxy alone can reach; not at all where none is set. */
async function listenToTlsAsk(app: Awaited<ReturnType<typeof buildApp>>): Promise<FastifyInstance | undefined> {
  const { host, port } = app.config.tlsAsk
  if (port === 0) return undefined
  const { tenancy } = app.config
  const tlsAsk = createTlsAsk({ tenancy, directory: app.directory, readiness: app.readiness })
  await tlsAsk.listen({ host, port }).catch(explainListening('TLS_ASK_HOST', 'TLS_ASK_PORT', port))
  return tlsAsk
}

function explainListening(hostVariable: string, portVariable: string, port: number): (error: NodeJS.ErrnoException) => never {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is in use. Stop what uses it, or set ${portVariable} to another.`,
    EACCES: `This user may not listen on port ${port}. Set ${portVariable} to one above 1023.`,
    EADDRNOTAVAIL: `${hostVariable} is no address of this machine.`,
  }
  return (error) => {
    const reason = reasons[error.code ?? '']
    throw reason ? new Error(reason, { cause: error }) : error
  }
}
