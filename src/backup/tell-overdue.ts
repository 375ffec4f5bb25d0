import type { CronItem, Task } from 'graphile-worker'
import type { StorageConfig } from '../config.ts'
import type { Database, TenantDb } from '../db/client.ts'
import { enqueueMail } from '../jobs/enqueue-mail.ts'
import { StorageFailure } from '../storage/object-storage.ts'
import { openStorage } from '../storage/open-storage.ts'
import { languageOf } from '../tenancy/language.ts'
import type { BackupEntry } from './backup-store.ts'
import { isOverdue, newestVerified, type Watch } from './overdue.ts'

export interface OverdueOptions {
  database: Database
  target: StorageConfig
  log: { warn(context: object, message: string): void }
  now?: () => number
}

/** Every six hours, once among all workers: a night without a backup is known by the next noon. */
export const overdueCron: CronItem = { task: 'check-backups', identifier: 'check-backups', match: '23 */6 * * *' }

/** Writes to the operators, once a day, while no verified backup is young enough. It lists, and reads no more than whose they are, where it may. */
export function createOverdueTask({ database, target, log, now = Date.now }: OverdueOptions): Task {
  return async () => {
    const platform = await database.directory.tenant.findFirst({ where: { kind: 'platform', status: 'active' }, select: { id: true } })
    const newest = await findNewest({ target, log }, { hub: platform?.id, now: now() })
    if (!isOverdue(newest, now())) return
    log.warn({ newest: newest?.name }, 'no verified backup is younger than 26 hours')
    if (platform) await tellOperators(database.forTenant(platform.id), platform.id, { last: newest?.name ?? '', at: new Date(now()) })
  }
}

/** A place that is away is asked again. One that lets us see nothing may as well be empty: somebody has to know. */
async function findNewest({ target, log }: Pick<OverdueOptions, 'target' | 'log'>, watch: Watch): Promise<BackupEntry | undefined> {
  const storage = await openStorage(target)
  try {
    return await newestVerified(storage, watch)
  } catch (err) {
    if (!(err instanceof StorageFailure) || err.reason !== 'refused') throw err
    log.warn({ err }, 'the backups cannot be listed: look at BACKUP_BUCKET or BACKUP_DIR, and at what the role of the service may do')
    return undefined
  } finally {
    await storage.close()
  }
}

async function tellOperators(db: TenantDb, tenantId: string, { last, at }: { last: string; at: Date }): Promise<void> {
  const [operators, site] = [await readOperators(db), await db.site.findFirst({ select: { locale: true } })]
  const day = at.toISOString().slice(0, 10)
  for (const { id, email, language } of operators) {
    await enqueueMail(db, {
      tenantId,
      kind: 'backup-overdue',
      to: email,
      language: languageOf(language ?? site?.locale ?? ''),
      variables: { last },
      intent: `backup-overdue:${day}:${id}`,
    })
  }
}

function readOperators(db: TenantDb) {
  return db.member.findMany({
    where: { status: 'active', roles: { some: { role: { permissions: { has: 'operators:write' } } } } },
    select: { id: true, email: true, language: true },
  })
}
