import type pg from 'pg'

/** Jobs of one kind, as the queue has them now. */
export interface KindOfJobs {
  kind: string
  waiting: number
  /** Of these, whose time has come. */
  due: number
  running: number
  /** Failed at least once, and will be tried again. */
  retrying: number
  /** Failed as often as they may: nobody tries again unless told to. */
  failed: number
  /** When the one that waits longest was due. */
  oldestDue: Date | null
  lastError: string | null
}

export interface FailedJob {
  id: string
  kind: string
  attempts: number
  lastError: string
  lastTriedAt: Date
}

type Queue = Pick<pg.Pool, 'query'>

/** To be read as the role that owns the queue; nobody else sees a row. */
export async function readKinds(jobs: Queue): Promise<KindOfJobs[]> {
  const { rows } = await jobs.query<KindOfJobs>(`
    select task_identifier as kind, count(*) filter (where locked_at is null and attempts < max_attempts)::int as waiting,
      count(*) filter (where locked_at is null and attempts < max_attempts and run_at <= now())::int as due,
      count(*) filter (where locked_at is not null)::int as running,
      count(*) filter (where last_error is not null and attempts < max_attempts)::int as retrying,
      count(*) filter (where attempts >= max_attempts and locked_at is null)::int as failed,
      min(run_at) filter (where locked_at is null and attempts < max_attempts and run_at <= now()) as "oldestDue",
      (array_agg(last_error order by updated_at desc) filter (where last_error is not null))[1] as "lastError"
    from graphile_worker.jobs group by task_identifier order by task_identifier`)
  return rows
}

export async function readFailed(jobs: Queue): Promise<FailedJob[]> {
  const { rows } = await jobs.query<FailedJob>(`
    select id::text, task_identifier as kind, attempts, coalesce(last_error, '') as "lastError", updated_at as "lastTriedAt"
    from graphile_worker.jobs where attempts >= max_attempts and locked_at is null order by id`)
  return rows
}

/** From the beginning, at once. Answers the ids of those that are tried again: one that runs now is not. */
export async function retryJobs(jobs: Queue, ids: readonly string[]): Promise<string[]> {
  const { rows } = await jobs.query<{ id: string }>(
    'select id::text from graphile_worker.reschedule_jobs($1::bigint[], run_at := now(), attempts := 0)',
    [ids],
  )
  return rows.map(({ id }) => id)
}
