import type { CronItem } from 'graphile-worker'
import type { Database, TenantDb } from '../db/client.ts'
import { databaseProblem } from '../db/sql-error.ts'
import { isId } from '../security/random-token.ts'

/** What is to be done for every site once a day. It may be done again after a fault, so twice has to come to the same as once. */
export interface DailyChore {
  /** For the log. */
  name: string
  run(db: TenantDb, tenantId: string): Promise<void>
}

export interface DailyOptions {
  database: Database
  chores: readonly DailyChore[]
  log: { warn(context: object, message: string): void; debug(context: object, message: string): void }
}

/** What it needs of graphile-worker's helpers. */
interface Helpers {
  addJob(task: string, payload: object, spec: { jobKey: string }): Promise<unknown>
  abortSignal?: AbortSignal | undefined
}

/** What one job hands to the next. */
interface Progress {
  /** The last site that is done. */
  after: string
  sites: number
  failures: number
}

const task = 'daily'
const day = 24 * 60 * 60_000
/** A pass is many short jobs, so that mail waits for none of them and a process that stops has little to finish. */
const batch = 100
const longestTurn = 2_000

/**
 * At 03:17 UTC, once among all workers: graphile-worker writes down when it last added the job. Where no worker lived at that time, the next one to
 * start makes up for it.
 */
export const dailyCron: CronItem = { task, identifier: task, match: '17 3 * * *', options: { backfillPeriod: day, jobKey: task } }

/** Goes over all sites in the order of their ids, suspended and deleted ones too: what a member was promised holds there as well. */
export function createDailyTask({ database, chores, log }: DailyOptions) {
  return async (payload: unknown, { addJob, abortSignal }: Helpers): Promise<void> => {
    const progress = readProgress(payload)
    const end = Date.now() + longestTurn
    const tenants = await database.directory.tenant.findMany({
      where: progress.after ? { id: { gt: progress.after } } : {},
      select: { id: true },
      orderBy: { id: 'asc' },
      take: batch,
    })
    for (const { id } of tenants) {
      if (abortSignal?.aborted || Date.now() > end) break
      for (const chore of chores) if (!(await succeeds(id, chore))) progress.failures++
      progress.sites++
      progress.after = id
    }
    const isOver = tenants.length < batch && progress.after === (tenants.at(-1)?.id ?? progress.after)
    if (isOver) report(progress)
    else await addJob(task, progress, { jobKey: task })
  }

  async function succeeds(tenantId: string, { name: chore, run }: DailyChore): Promise<boolean> {
    try {
      await run(database.forTenant(tenantId), tenantId)
      return true
    } catch (err) {
      // Of no site in particular: the job fails, and is tried again from where it began. One statement that took too long at one site looks the same.
      if (databaseProblem(err)?.code === 'DATABASE_UNAVAILABLE' && !(await answers())) throw err
      log.warn({ tenantId, chore, err }, 'a daily chore failed at a site; the next try is tomorrow')
      return false
    }
  }

  async function answers(): Promise<boolean> {
    return database.directory.$queryRaw`select 1`.then(
      () => true,
      () => false,
    )
  }

  function report({ sites, failures }: Progress): void {
    if (failures > 0) log.warn({ sites, failures }, 'daily chores are done, not all of them well')
    else log.debug({ sites }, 'daily chores are done')
  }
}

function readProgress(payload: unknown): Progress {
  const { after, sites, failures } = Object(payload)
  return { after: isId(after) ? after : '', sites: Number(sites) || 0, failures: Number(failures) || 0 }
}
