import type { CronItem } from 'graphile-worker'
import type { Database } from '../db/client.ts'
import { createBoundedQueue } from '../security/bounded-queue.ts'
import type { Dns } from '../security/dns/dns-lookup.ts'
import { isId } from '../security/random-token.ts'
import { checkHost, type HostCheck } from './check-host.ts'
import { isDoubtful, readLost } from './lost-proofs.ts'
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
}

const task = 'check-hosts'
const day = 24 * 60 * 60_000
/** Few, so that a job ends soon even where every look-up takes its whole time, and a process that stops has little to finish. */
const batch = 50
const atOnce = 8

/** At 04:23 UTC, once among all workers; a job of its own, so that nobody waits for the name servers of others. */
export const recheckCron: CronItem = { task, identifier: task, match: '23 4 * * *', options: { backfillPeriod: day, jobKey: task } }

/**
 * Looks at every verified host of every site that is not deleted, in as many jobs as it takes. The database counts the failures and releases
 * (record_host_check): this role can do neither by itself. Only once all were looked at is it known whether to believe in the proofs that are gone: so
 * none is written down before, and who lost one is looked at a second time.
 */
export function createRecheckTask({ database, jobs, dns, targets, log }: RecheckOptions) {
  return async (payload: unknown, { addJob, abortSignal }: Helpers): Promise<void> => {
    const pass = readPass(payload) ?? (await beginPass(jobs))
    const hosts = await readBatch(database, pass)
    const turn = createBoundedQueue({ concurrency: atOnce, queue: batch })
    const looks = await Promise.all(hosts.map((one) => turn(async () => (abortSignal?.aborted ? undefined : { ...one, check: await look(one) }))))
    const checked = looks.filter((one) => one !== undefined)
    for (const one of checked) if (pass.again || !isLost(one)) await record(one)
    const last = checked.length < hosts.length ? checked.at(-1) : hosts.at(-1)
    const reached = {
      ...pass,
      ...(last && { tenantId: last.tenantId, host: last.host }),
      answered: pass.answered + checked.filter(isAnswered).length,
    }
    const next = abortSignal?.aborted || hosts.length === batch ? reached : await afterAll(reached)
    if (next) await addJob(task, next, { jobKey: task })
    else log.debug({}, 'hosts are checked')
  }

  /** What is left to do when all were looked at. */
  async function afterAll({ again, began, answered }: Pass): Promise<Pass | undefined> {
    if (again) return undefined
    const lost = await readLost(database, began)
    if (lost.hosts === 0) return undefined
    if (!isDoubtful(lost, answered)) return { ...first, began, answered, again: true }
    log.warn(
      { ...lost, answered },
      'most sites seem to have lost a proof at once: DNS_SERVERS or the resolver of this machine is wrong or out of reach',
    )
    return undefined
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

function isLost({ check: { proof } }: Checked): boolean {
  return proof === 'failed' || proof === 'unreachable'
}

function isAnswered({ provenAt, check: { proof } }: Checked): boolean {
  return provenAt !== null && proof !== 'unreachable'
}

function readBatch({ directory }: Database, { tenantId, host, began, again }: Pass): Promise<Host[]> {
  return directory.host.findMany({
    where: {
      status: 'verified',
      tenant: { status: { not: 'deleted' } },
      AND: [
        { OR: [{ tenantId: { gt: tenantId } }, { tenantId, host: { gt: host } }] },
        ...(again ? [{ OR: [{ checkedAt: null }, { checkedAt: { lt: began } }] }] : []),
      ],
    },
    select: { tenantId: true, host: true, token: true, provenAt: true },
    orderBy: [{ tenantId: 'asc' }, { host: 'asc' }],
    take: batch,
  })
}

/** Once over all hosts, as far as it has come. */
interface Pass {
  tenantId: string
  host: string
  /** By the clock of the database, in ISO 8601. */
  began: string
  /** Of how many proven hosts the DNS has said anything so far. */
  answered: number
  /** The second time, over those alone whose proof was not seen. */
  again: boolean
}

const first = { tenantId: '00000000-0000-0000-0000-000000000000', host: '' }

async function beginPass(jobs: Jobs): Promise<Pass> {
  const [row] = await jobs.query(`select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as began`)
  return { ...first, began: String(row?.began), answered: 0, again: false }
}

/** Undefined for the cron's own, and for those of the release before, which does not say when it began. */
function readPass(payload: unknown): Pass | undefined {
  const { tenantId, host, began, answered, again } = Object(payload)
  if (!isId(String(tenantId)) || typeof host !== 'string' || typeof began !== 'string' || typeof answered !== 'number') return undefined
  return { tenantId, host, began, answered, again: again === true }
}
