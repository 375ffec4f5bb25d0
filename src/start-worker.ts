import { auditChore } from './audit/tidy-audit.ts'
import { erasureChore } from './auth/account/erase-due-members.ts'
import { createKeyChore, createTidyKeysTask } from './auth/keys/key-jobs.ts'
import { identityChore } from './auth/sessions/tidy-identity.ts'
import { createOverdueTask, overdueCron } from './backup/tell-overdue.ts'
import { createBrandChore } from './branding/tidy-brand.ts'
import type { Config } from './config.ts'
import type { Database } from './db/client.ts'
import type { Images } from './files/images.ts'
import { createRecheckTask, recheckCron } from './hosts/recheck-hosts.ts'
import { createDailyTask, type DailyChore, dailyCron } from './jobs/daily.ts'
import { createJobSession } from './jobs/job-session.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { createMailTask } from './mail/outbox/mail-task.ts'
import { createTidyTask } from './mail/outbox/tidy-mail.ts'
import type { ProviderOpener } from './mail/providers/open-provider.ts'
import { createProviderPool } from './mail/providers/provider-pool.ts'
import { createCheckMediaTask } from './media/check/check-task.ts'
import { createSweepStorageTask, mediaChore, sweepStorageCron } from './media/sweep-media.ts'
import { createChallengeMint } from './security/challenge-secrets.ts'
import type { Dns } from './security/dns/dns-lookup.ts'
import { createSecretBox } from './security/secret-box.ts'
import type { ObjectStorage } from './storage/object-storage.ts'

/** Milliseconds that mails under way have when the process is to stop. */
const longestEnd = 8_000

export interface WorkerOptions {
  config: Config
  /** The service's own pool, or one for the worker alone. */
  database: Database
  /** Likewise. */
  objectStorage: ObjectStorage
  /** Likewise: how many are made at once is a matter of the process. */
  images: Images
  opener: ProviderOpener
  dns: Dns
  log: { warn(context: object, message: string): void; debug(context: object, message: string): void }
}

export interface Worker {
  stop(): Promise<void>
}

/** Sends mail, looks at files that have come, and does what every site needs daily, in this process. */
export function startWorker({ config, database, objectStorage, images, opener, dns, log }: WorkerOptions): Worker {
  const { unpooledUrl: databaseUrl } = config.database
  const onError = (err: unknown) => log.warn({ err }, 'the job worker was disturbed')
  const secretBox = createSecretBox(config.secretKeys)
  const session = createJobSession(databaseUrl, onError)
  const providers = createProviderPool(opener)
  const tools = {
    database,
    publicOrigin: config.publicOrigin,
    secretBox,
    challengeMint: createChallengeMint(secretBox.deriveKeys('challenges')),
    providers,
    onTrouble(trouble: object, cause: unknown) {
      log.warn(trouble, 'mail could not be sent')
      // What the server said is for somebody who looks for it.
      log.debug({ ...trouble, err: cause }, 'the mail server said')
    },
  }
  const chores: readonly DailyChore[] = [
    createKeyChore(secretBox),
    erasureChore,
    identityChore,
    auditChore(session, config.audit.retentionDays),
    createBrandChore(objectStorage),
    mediaChore(objectStorage),
  ]
  const { target } = config.backup
  const jobs = runJobs({
    databaseUrl,
    session,
    tasks: {
      'deliver-mail': createMailTask(tools, session),
      'tidy-mail': createTidyTask(database),
      'tidy-keys': createTidyKeysTask(database),
      'check-media': createCheckMediaTask({ database, objectStorage, images }),
      'sweep-storage': createSweepStorageTask(objectStorage),
      'check-hosts': createRecheckTask({ database, jobs: session, dns, targets: config.hosts.targets, log }),
      daily: createDailyTask({ database, chores, log }),
      ...(target ? { 'check-backups': createOverdueTask({ database, target, log }) } : {}),
    },
    cron: [dailyCron, sweepStorageCron, recheckCron, ...(target ? [overdueCron] : [])],
    concurrency: config.worker.concurrency,
    onError,
  })
  return {
    async stop() {
      // A server that hangs must not use up the time that a platform gives the process to end.
      const patience = setTimeout(() => providers.close(), longestEnd)
      await jobs.stop()
      clearTimeout(patience)
      providers.close()
      await session.close()
    },
  }
}
