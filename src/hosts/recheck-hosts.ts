import type { CronItem } from 'graphile-worker'
import type { Database } from '../db/client.ts'
import { createBoundedQueue } from '../security/bounded-queue.ts'
import type { Dns } from '../security/dns/dns-lookup.ts'
import { isId } from '../security/random-token.ts'
import { checkHost, type HostCheck } from './check-host.ts'
import { excused } from './verify-host.ts'

/** Somebody who speaks to the database as the role of jobs: the service's own role cannot write to the directory. */
interface Jobs {
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export interface RecheckOptions {
  database: Database
  jobs: Jobs
  dns: Dns
  targets: readonly string[]
  log: { warn(context: object, message: string): void; debug(context: object, message: string): void }
}

/** What it needs of graphile-worker's helpers. */
interface Helpers {
  addJob(task: string, payload: object, spec: { jobKey: string }): Promise<unknown>
  abortSignal?: AbortSignal | undefined
}

interface Host {
  tenantId: string
  host: string
  token: string | null
  provenAt: Date | null
  failures: number
}

const task = 'check-hosts'
const day = 24 * 60 * 60_000
/** Few, so that a job ends soon even where every look-up takes its whole time, and a process that stops has little to finish. */
const batch = 50
const atOnce = 8
/** That of so many sites more than half lose a proof overnight is a fault of the name server we ask. Sites, since one may lose all its hosts with its domain. */
const fewToDoubt = 5

/** At 04:23 UTC, once among all workers; a job of its own, so that nobody waits for the name servers of others. */
export const recheckCron: CronItem = { task, identifier: task, match: '23 4 * * *', options: { backfillPeriod: day, jobKey: task } }

/**
 * Looks at every verified host of every site that is not deleted, in as many jobs as it takes. The database counts the failures and releases
 * (record_host_check): this role can do neither by itself.
 */
export function createRecheckTask({ database, jobs, dns, targets, log }: RecheckOptions) {
  return async (payload: unknown, { addJob, abortSignal }: Helpers): Promise<void> => {
    const after = readCursor(payload)
    const hosts = await readBatch(database, after)
    const turn = createBoundedQueue({ concurrency: atOnce, queue: batch })
    const looks = await Promise.all(hosts.map((one) => turn(async () => (abortSignal?.aborted ? undefined : { ...one, check: await look(one) }))))
    const checked = looks.filter((one) => one !== undefined)
    const doubted = isDoubtful(checked)
    if (doubted)
      log.warn({ hosts: checked.length }, 'most sites seem to have lost a proof at once: DNS_SERVERS or the resolver of this machine is wrong')
    for (const one of checked) if (!(doubted && one.check.proof === 'failed')) await record(one)
    const last = checked.length < hosts.length ? checked.at(-1) : hosts.at(-1)
    if (abortSignal?.aborted || hosts.length === batch)
      await addJob(task, last ? { tenantId: last.tenantId, host: last.host } : after, { jobKey: task })
    else log.debug({}, 'hosts are checked')
  }

  async function look(one: Host): Promise<HostCheck> {
    const check = await checkHost(dns, one, targets)
    return one.provenAt ? check : excused(check)
  }

  async function record({ tenantId, host, check: { proof, points, finding } }: Checked): Promise<void> {
    const [row] = await jobs.query('select record_host_check($1, $2, $3, $4, $5) as released', [tenantId, host, proof, points, finding])
    if (row?.released === true) log.warn({ tenantId, finding }, 'a host is released: its proof was gone for too long')
    else if (proof === 'failed') log.warn({ tenantId, finding }, 'a host has lost its proof; without it, it is released after three days')
  }
}

type Checked = Host & { check: HostCheck }

function readBatch({ directory }: Database, { tenantId, host }: Cursor): Promise<Host[]> {
  return directory.host.findMany({
    where: { status: 'verified', tenant: { status: { not: 'deleted' } }, OR: [{ tenantId: { gt: tenantId } }, { tenantId, host: { gt: host } }] },
    select: { tenantId: true, host: true, token: true, provenAt: true, failures: true },
    orderBy: [{ tenantId: 'asc' }, { host: 'asc' }],
    take: batch,
  })
}

/** DNS servers that lie to us lie about everybody. What they say then counts for nobody. */
function isDoubtful(checked: readonly Checked[]): boolean {
  const sound = checked.filter(({ provenAt, failures }) => provenAt && failures === 0)
  const lost = sitesOf(sound.filter(({ check }) => check.proof === 'failed'))
  const all = sitesOf(sound)
  return all >= fewToDoubt && lost > all / 2
}

function sitesOf(hosts: readonly Host[]): number {
  return new Set(hosts.map(({ tenantId }) => tenantId)).size
}

interface Cursor {
  tenantId: string
  host: string
}

function readCursor(payload: unknown): Cursor {
  const { tenantId, host } = Object(payload)
  return isId(String(tenantId)) && typeof host === 'string' ? { tenantId, host } : { tenantId: '00000000-0000-0000-0000-000000000000', host: '' }
}
