import { pino } from 'pino'
import { loadConfig } from './config.ts'
import { openDatabase } from './db/client.ts'
import { createReadiness } from './db/readiness.ts'
import { createImages } from './files/images.ts'
import { loggerOptions } from './logger-options.ts'
import { createProviderOpener } from './mail/providers/open-provider.ts'
import { runProcess } from './run-process.ts'
import { createDns } from './security/dns/dns-lookup.ts'
import { startWorker } from './start-worker.ts'
import { openStorage } from './storage/open-storage.ts'

/** Mail and daily jobs alone, for scale-out: as many of these as it takes, beside HTTP processes with WORKER=off. */
runProcess(async (opened) => {
  const config = loadConfig(process.env)
  const { url, poolMode: mode, poolMax: max } = config.database
  if (!url) throw new Error('DATABASE_URL must be set: a worker works on a database that is there, not on the embedded one.')
  const log = pino(loggerOptions(config))
  const onError = (err: unknown) => log.warn({ err }, 'an idle database connection failed')
  const database = openDatabase({ url, mode, max, onError })
  opened(() => database.close())
  const readiness = createReadiness(database, (err) => log.error({ err }, 'waiting for the database'))
  opened(async () => readiness.stop())
  await readiness.prove()
  const objectStorage = await openStorage(config.storage)
  opened(() => objectStorage.close())
  const opener = createProviderOpener({ privateHosts: config.mail.privateHosts })
  const worker = startWorker({
    config,
    database,
    objectStorage,
    images: createImages(),
    opener,
    dns: createDns({ servers: config.dns.servers }),
    log,
  })
  opened(() => worker.stop())
  log.info('the worker works')
})
