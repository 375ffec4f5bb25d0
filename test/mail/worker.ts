import type { Test } from 'tap'
import type { Config } from '../../src/config.ts'
import type { Database } from '../../src/db/client.ts'
import { createImages } from '../../src/files/images.ts'
import { createProviderOpener, type OpenerOptions } from '../../src/mail/providers/open-provider.ts'
import { createDns } from '../../src/security/dns/dns-lookup.ts'
import { startWorker, type Worker } from '../../src/start-worker.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'

export interface Trouble {
  context: object
  message: string
}

/** A worker of the test's own, which may send to this machine. Stopped when the test ends. */
export function startTestWorker(t: Test, { config, database }: { config: Config; database: Database }, options: Partial<OpenerOptions> = {}) {
  const warnings: Trouble[] = []
  const worker: Worker = startWorker({
    config,
    database,
    objectStorage: createDiskStorage(config.storage.driver === 'disk' ? config.storage.dir : ''),
    images: createImages(),
    dns: createDns(config.dns),
    opener: createProviderOpener({
      privateHosts: ['127.0.0.1'],
      ...options,
    }),
    log: {
      warn: (context: object, message: string) => void warnings.push({ context, message }),
      debug: () => {},
    },
  })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= worker.stop()
    return stopping
  }
  t.teardown(stop)
  return { warnings, stop }
}
