import type { Database } from '../../db/client.ts'
import { type FailedJob, type KindOfJobs, readFailed, readKinds } from '../../jobs/queue-state.ts'
import { countWorkers } from '../../jobs/worker-presence.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { table } from '../table.ts'
import type { Tools } from '../tools.ts'

export interface ListFlags extends CommonFlags {
  failed?: boolean
}

export async function listJobs({ withJobs, withDatabase }: Tools, { failed: onlyFailed = false, ...flags }: ListFlags): Promise<void> {
  const queue = await withJobs(async (jobs) => ({ workers: await countWorkers(jobs), kinds: await readKinds(jobs), failed: await readFailed(jobs) }))
  const deadMails = await withDatabase(countDead)
  const { kinds, failed, workers } = queue
  if (onlyFailed) return print(flags, { failed, deadMails }, () => [failedTable(failed), deadTable(deadMails)].join('\n\n'))
  print(flags, { ...queue, deadMails }, () =>
    [
      `${workers === 0 ? 'No job worker is' : workers === 1 ? 'One job worker is' : `${workers} job workers are`} connected.`,
      kindTable(kinds),
      failedTable(failed),
      deadTable(deadMails),
    ].join('\n\n'),
  )
}

interface DeadMails {
  site: string
  dead: number
}

/** Mails that could not be delivered: their jobs went well, so the queue knows nothing of them. */
export async function countDead({ directory, forTenant }: Database): Promise<DeadMails[]> {
  const sites = await directory.tenant.findMany({ where: { status: { not: 'deleted' } }, select: { id: true, slug: true }, orderBy: { slug: 'asc' } })
  const counted: DeadMails[] = []
  for (const { id, slug } of sites) counted.push({ site: slug, dead: await forTenant(id).mailMessage.count({ where: { status: 'dead' } }) })
  return counted.filter(({ dead }) => dead > 0)
}

function kindTable(kinds: readonly KindOfJobs[]): string {
  if (kinds.length === 0) return 'The queue is empty.'
  const line = ({ kind, waiting, due, running, retrying, failed, oldestDue, lastError }: KindOfJobs) => [
    kind,
    ...[waiting, due, running, retrying, failed].map(String),
    oldestDue?.toISOString() ?? '-',
    firstLine(lastError ?? '-'),
  ]
  return table([['kind', 'waiting', 'due', 'running', 'retrying', 'failed', 'oldest due', 'last error'], ...kinds.map(line)], { left: [0, 6, 7] })
}

function failedTable(failed: readonly FailedJob[]): string {
  if (failed.length === 0) return 'No job has failed for good.'
  const line = ({ id, kind, attempts, lastTriedAt, lastError }: FailedJob) => [
    id,
    kind,
    String(attempts),
    lastTriedAt.toISOString(),
    firstLine(lastError),
  ]
  return table([['failed job', 'kind', 'attempts', 'last tried', 'error'], ...failed.map(line)], { left: [0, 1, 3, 4] })
}

function deadTable(dead: readonly DeadMails[]): string {
  if (dead.length === 0) return 'No mail is left undelivered.'
  return table([['undelivered mails', 'count'], ...dead.map((row) => [row.site, String(row.dead)])])
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\p{Cc}/gu, ' ').slice(0, 100)
}
