import { type Command, InvalidArgumentError } from 'commander'
import { addCommand } from './add-command.ts'
import type { ListFlags } from './jobs/list.ts'
import type { RetryFlags } from './jobs/retry.ts'
import type { Tools } from './tools.ts'

export function addJobCommands(program: Command, tools: Tools): void {
  const jobs = program.command('jobs').description('work that the service does beside requests')
  addCommand(jobs, { name: 'list', description: 'what waits, what failed, and mails that could not be delivered', examples: ['jobs list --failed'] })
    .option('--failed', 'only what nobody will try again by itself')
    .action(async (flags: ListFlags) => {
      const { listJobs } = await import('./jobs/list.ts')
      await listJobs(tools, flags)
    })
  addCommand(jobs, {
    name: 'retry',
    description: 'try a job again, from the beginning and at once',
    examples: ['jobs retry 4711', 'jobs retry --all-failed'],
  })
    .argument('[id]', 'of a job, as jobs list tells', jobId)
    .option('--all-failed', 'every job that failed for good')
    .action(async (id: string | undefined, flags: RetryFlags) => {
      const { retry } = await import('./jobs/retry.ts')
      await retry(tools, id, flags)
    })
}

function jobId(text: string): string {
  if (/^\d{1,18}$/.test(text)) return text
  throw new InvalidArgumentError('The id of a job is a number.')
}
