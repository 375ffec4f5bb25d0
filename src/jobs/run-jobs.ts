import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type CronItem, Logger, parseCronItems, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import { createJobsPool } from '../db/jobs-pool.ts'
import type { JobSession } from './job-session.ts'

export interface JobsOptions {
  /** Past any transaction-mode pooler: the worker listens. */
  databaseUrl: string
  session: JobSession
  tasks: TaskList
  /** Jobs that the clock adds, once among all workers. */
  cron?: CronItem[]
  /** Jobs at once. */
  concurrency: number
  onError: (error: unknown) => void
}

export interface Jobs {
  /** Takes no more jobs, lets those that run come to an end, closes the connections. */
  stop(): Promise<void>
}

/** How often left jobs are looked for, and how long one is left alone first. Milliseconds. */
const roundsEvery = 2_000
const grace = 1_000
const pollInterval = 2_000
/**
 * Runs graphile-worker in this process until it is stopped, also through a database that goes away, and takes over what killed workers left locked,
 * which it would itself leave for four hours.
 */
export function runJobs({ databaseUrl, session, tasks, cron = [], concurrency, onError }: JobsOptions): Jobs {
  const stopping = new AbortController()
  const logger = new Logger(() => (level, message) => {
    if (level === 'error') onError(new Error(message))
  })
  const pgPool = createJobsPool(databaseUrl, { max: 4, onError })
  const parsedCronItems = parseCronItems(cron)
  let runner: Runner | undefined
  let held: HeldJobs | undefined
  const serve = async () => {
    const events: WorkerEvents = new EventEmitter()
    const own = followJobs(events)
    events.on('pool:create', ({ workerPool }) => session.keepLock(lockOf(workerPool.id)).catch(onError))
    held = own
    try {
      runner = await run({ pgPool, taskList: tasks, concurrency, parsedCronItems, noHandleSignals: true, pollInterval, events, logger })
      if (stopping.signal.aborted) await runner.stop()
      await runner.promise
    } finally {
      // What it left locked is now as good as a dead worker's.
      await session.dropLock(lockOf(own.poolId)).catch(onError)
    }
  }
  const tidy = async () => {
    if (held) await giveBack(session, held)
    await takeOver(session)
  }
  const work = [serve, tidy].map((one) => every(roundsEvery, stopping.signal, () => one().catch(onError)))
  return {
    async stop() {
      stopping.abort()
      // It has already stopped by itself where the database went away.
      await runner?.stop().catch(() => {})
      await Promise.all(work)
      await quiet(pgPool)
      await pgPool.end()
    },
  }
}

interface HeldJobs {
  poolId: string
  /** Ids of the jobs that run here now. */
  running: Set<string>
}

function followJobs(events: WorkerEvents): HeldJobs {
  const held: HeldJobs = { poolId: '', running: new Set() }
  events.on('pool:create', ({ workerPool }) => {
    held.poolId = workerPool.id
  })
  events.on('job:start', ({ job }) => held.running.add(job.id))
  events.on('job:complete', ({ job }) => held.running.delete(job.id))
  return held
}

/**
 * Jobs locked by us that nobody here runs, and the queues that stand still behind them: they were not written off, or never reached us, because a
 * connection broke.
 */
async function giveBack(session: JobSession, { poolId, running }: HeldJobs): Promise<void> {
  await session.query(
    `with given as (
       update graphile_worker._private_jobs set locked_at = null, locked_by = null
       where locked_by = $1 and locked_at < now() - make_interval(secs => $2) and id <> all ($3::bigint[]) returning job_queue_id
     )
     update graphile_worker._private_job_queues set locked_at = null, locked_by = null
     where locked_by = $1 and id in (select job_queue_id from given)`,
    [poolId, grace / 1000, [...running]],
  )
}

/** A worker whose lock is free is dead: its jobs are given back to the queue. */
async function takeOver(session: JobSession): Promise<void> {
  const rows = await session.query('select distinct locked_by as id from graphile_worker.jobs where locked_at < now() - make_interval(secs => $1)', [
    grace / 1000,
  ])
  for (const { id } of rows) {
    if (typeof id !== 'string' || !(await session.tryLock(lockOf(id)))) continue
    try {
      await session.query('select graphile_worker.force_unlock_workers($1)', [[id]])
    } finally {
      await session.unlock(lockOf(id))
    }
  }
}

function lockOf(poolId: string): string {
  return `worker ${poolId}`
}

async function every(pause: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work()
    await delay(pause, undefined, { signal }).catch(() => {})
  }
}

/** A runner counts as stopped a little before the last job is written off as done; a pool that ends under it would leave that hanging. */
async function quiet(pool: pg.Pool): Promise<void> {
  for (let calm = 0, tries = 0; calm < 3 && tries < 100; tries++) {
    await delay(20)
    calm = pool.waitingCount === 0 && pool.totalCount === pool.idleCount ? calm + 1 : 0
  }
}
