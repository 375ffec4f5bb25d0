import { createJobsPool } from '../../../db/jobs-pool.ts'
import { readKinds } from '../../../jobs/queue-state.ts'
import { countWorkers } from '../../../jobs/worker-presence.ts'
import { type Check, ok, type Patient, problem, type Remark, some, warning } from '../check.ts'

/** Milliseconds that a job may be due. */
const late = 10 * 60_000

export const jobQueue: Check = {
  name: 'job queue',
  asksDatabase: true,
  async run(patient) {
    const jobs = createJobsPool(patient.config.database.unpooledUrl, { max: 1, onError: () => {} })
    try {
      return await judge(patient, { workers: await countWorkers(jobs), kinds: await readKinds(jobs) })
    } finally {
      await jobs.end()
    }
  },
}

interface Queue {
  workers: number
  kinds: Awaited<ReturnType<typeof readKinds>>
}

async function judge({ now }: Patient, { workers, kinds }: Queue): Promise<Remark[]> {
  const failed = kinds.filter((kind) => kind.failed > 0).map((kind) => `${kind.failed} of ${kind.kind}`)
  const waiting = kinds.filter(({ oldestDue }) => oldestDue && now() - oldestDue.getTime() > late).map(({ kind }) => kind)
  const remarks = [
    ...(waiting.length > 0
      ? [
          problem(
            `jobs wait for more than ten minutes: ${some(waiting)}`,
            workers === 0 ? 'Start a worker: src/server.ts with WORKER=on, or src/worker.ts.' : 'Look at the log of the worker, or run more of them.',
          ),
        ]
      : []),
    ...(workers === 0 && waiting.length === 0
      ? [warning('no job worker is connected: no mail leaves', 'Run src/server.ts with WORKER=on, or src/worker.ts.')]
      : []),
    ...(failed.length > 0
      ? [warning(`jobs failed for good: ${some(failed)}`, '"tenantry jobs list --failed" tells why, "jobs retry" tries again.')]
      : []),
  ]
  return remarks.length > 0 ? remarks : [ok(`${workers} connected, nothing is late and nothing failed for good`)]
}
