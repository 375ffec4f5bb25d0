import { checkHost } from '../../../hosts/check-host.ts'
import { findPointing } from '../../../hosts/find-pointing.ts'
import { type HostFinding, hostFindings } from '../../../hosts/host-findings.ts'
import { type HostRow, type HostState, isAsserted, stateOf } from '../../../hosts/host-state.ts'
import { createDns, type Dns, DnsUnreachable } from '../../../security/dns/dns-lookup.ts'
import { type Check, ok, type Patient, problem, type Remark, some, warning } from '../check.ts'
import { eachInTime } from '../each-in-time.ts'

/** In milliseconds, those of the doctor's patience with a check not exceeded by both together. */
export interface Limits {
  /** For one host. */
  each: number
  /** After it no further one is begun. */
  overall: number
}

const atOnce = 20

type Row = Pick<HostRow, 'host' | 'status' | 'token' | 'provenAt' | 'pointedAt' | 'failingSince' | 'finding' | 'releasedAt'> & { site: string }

interface Looked {
  name: string
  state: HostState
  /** Undefined where the time was up before. */
  today: HostFinding | undefined
}

/** The state of every host of a site that is served, and what the DNS says of it today. */
export const hostNames = checkHostNames({ each: 4_000, overall: 12_000 })

export function checkHostNames(limits: Limits) {
  return {
    name: 'host names',
    asksDatabase: true,
    async run(patient: Patient): Promise<Remark[]> {
      return judge(await look(await readRows(patient), patient, limits))
    },
  } satisfies Check
}

async function readRows(patient: Patient): Promise<Row[]> {
  const rows = await patient.database().directory.host.findMany({
    where: { tenant: { status: 'active' } },
    include: { tenant: { select: { slug: true } } },
    orderBy: { host: 'asc' },
  })
  // Those of localhost lead to this machine by themselves, and no name server knows them.
  return rows
    .filter(({ host }) => !/(^|\.)localhost$/.test(host))
    .map(({ tenant, status, ...row }) => ({ ...row, site: tenant.slug, status: status === 'verified' ? 'verified' : 'pending' }))
}

async function look(rows: readonly Row[], { config }: Patient, { each, overall }: Limits): Promise<Looked[]> {
  const { targets } = config.hosts
  const dns = createDns({ ...config.dns, timeoutMs: each / 2, tries: 1, deadlineMs: each })
  const looked: Looked[] = []
  const note = (row: Row, today: HostFinding | undefined) =>
    looked.push({ name: `${row.host} (${row.site})`, state: stateOf(row, targets.length > 0), today })
  const left = await eachInTime(rows, { atOnce, longest: overall }, async (row) => void note(row, await ask(dns, row, targets)))
  for (const row of left) note(row, undefined)
  return looked.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** What an operator's word stands for has no proof to look for; and where nobody says where hosts are to lead, an address is enough. */
async function ask(dns: Dns, row: Row, targets: readonly string[]): Promise<HostFinding> {
  const found = isAsserted(row) ? undefined : await checkHost(dns, row, targets)
  if (found && found.finding !== 'all-well') return found.finding
  return found && (row.status === 'pending' || targets.length > 0) ? 'all-well' : leading(dns, row.host, targets)
}

async function leading(dns: Dns, host: string, targets: readonly string[]): Promise<HostFinding> {
  const lookups = dns.open()
  try {
    if (targets.length > 0) return (await findPointing(lookups, host, targets)).finding ?? 'all-well'
    return (await lookups.addresses(host)).length > 0 ? 'all-well' : 'points-nowhere'
  } catch (error) {
    if (!(error instanceof DnsUnreachable)) throw error
    return 'points-unreachable'
  } finally {
    lookups.close()
  }
}

function judge(looked: readonly Looked[]): Remark[] {
  const isWell = ({ state, today }: Looked) => today === 'all-well' && (state === 'serving' || state === 'proven')
  const well = looked.filter(isWell).length
  const groups = Map.groupBy(
    looked.filter((one) => !isWell(one)),
    ({ state, today }) => `${state}, today ${today ?? 'not looked at'}`,
  )
  const remarks = [...groups].flatMap(([what, hosts]) =>
    hosts.slice(0, 1).map((one) => remark(one, `${what}: ${some(hosts.map(({ name }) => name))}`)),
  )
  if (remarks.length > 0 && well === 0) return remarks
  return [...remarks, ok(looked.length === 0 ? 'no site has a public host yet' : `${well} of ${looked.length} lead here with all they need`)]
}

function remark({ state, today }: Looked, what: string): Remark {
  if (today === undefined) return warning(what, 'The name servers take too long. "tenantry host verify <host>" looks at one alone.')
  const remedy =
    today === 'all-well'
      ? '"tenantry host verify <host>" takes note of it.'
      : `${hostFindings[today]} "tenantry host verify <host>" shows the records.`
  return isBroken(state, today) ? problem(what, remedy) : warning(what, remedy)
}

/** What visitors meet, or will. A claim is nobody's loss, and what has never led here may be on its way. */
function isBroken(state: HostState, today: HostFinding): boolean {
  if (state === 'pending' || state === 'released' || today === 'all-well') return false
  if (state === 'failing') return true
  if (today.endsWith('-unreachable') || today === 'points-partly') return false
  return state === 'serving' || today.startsWith('proof-')
}
