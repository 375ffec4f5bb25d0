import type { CronItem, Task } from 'graphile-worker'
import type { StorageConfig } from '../config.ts'
import type { Database, TenantDb } from '../db/client.ts'
import { enqueueMail } from '../jobs/enqueue-mail.ts'
import { StorageFailure } from '../storage/object-storage.ts'
import { openStorage } from '../storage/open-storage.ts'
import { languageOf } from '../tenancy/language.ts'
import { type BackupEntry, listBackups } from './backup-store.ts'
import { isOverdue, newestVerified } from './overdue.ts'

export interface OverdueOptions {
  database: Database
  target: StorageConfig
  log: { warn(context: object, message: string): void }
  now?: () => number
}

/** Every six hours, once among all workers: a night without a backup is known by the next noon. */
export const overdueCron: CronItem = { task: 'check-backups', identifier: 'check-backups', match: '23 */6 * * *' }

/** Writes to the operators, once a day, while no verified backup is young enough. It only lists. */
export function createOverdueTask({ database, target, log, now = Date.now }: OverdueOptions): Task {
  return async () => {
    const backups = await listAllowed(target, log)
    if (!isOverdue(backups, now())) return
    log.warn({ newest: newestVerified(backups)?.name }, 'no verified backup is younger than 26 hours')
    await tellOperators(database, newestVerified(backups)?.name ?? '', new Date(now()))
  }
}

/** A place that is away is asked again. One that lets us see nothing may as well be empty: somebody has to know. */
async function listAllowed(target: StorageConfig, log: OverdueOptions['log']): Promise<BackupEntry[]> {
  const storage = await openStorage(target)
  try {
    return await listBackups(storage)
  } catch (err) {
    if (!(err instanceof StorageFailure) || err.reason !== 'refused') throw err
    log.warn({ err }, 'the backups cannot be listed: look at BACKUP_BUCKET or BACKUP_DIR, and at what the role of the service may do')
    return []
  } finally {
    await storage.close()
  }
}

async function tellOperators({ directory, forTenant }: Database, last: string, at: Date): Promise<void> {
  const platform = await directory.tenant.findFirst({ where: { kind: 'platform', status: 'active' }, select: { id: true } })
  if (!platform) return
  const db = forTenant(platform.id)
  const [operators, site] = [await readOperators(db), await db.site.findFirst({ select: { locale: true } })]
  const day = at.toISOString().slice(0, 10)
  for (const { id, email, language } of operators) {
    await enqueueMail(db, {
      tenantId: platform.id,
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
