import { readFailed, retryJobs } from '../../jobs/queue-state.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import type { Tools } from '../tools.ts'

export interface RetryFlags extends CommonFlags {
  allFailed?: boolean
}

export async function retry({ withJobs }: Tools, id: string | undefined, { allFailed = false, ...flags }: RetryFlags): Promise<void> {
  if (allFailed === (id !== undefined)) throw new Error('Name a job by its id, or give --all-failed. tenantry jobs list --failed has the ids.')
  const retried = await withJobs(async (jobs) => {
    const wanted = id === undefined ? (await readFailed(jobs)).map((job) => job.id) : [id]
    return retryJobs(jobs, wanted)
  })
  if (id !== undefined && retried.length === 0) throw new Error(`There is no job ${id} that waits: it is done, or runs just now.`)
  print(flags, { retried }, () => (retried.length === 0 ? 'No job has failed for good.' : `tried again from the beginning: ${retried.join(', ')}`))
}
