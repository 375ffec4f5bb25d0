import type { HostRecord } from '../../hosts/host-records.ts'
import type { ShownHost } from '../../hosts/show-host.ts'
import { table } from '../table.ts'

/** One host for a person: its state, what was found, which records to set, and what to do next. */
export function hostText({ host, site, state, asserted, canonical, finding, records, next }: ShownHost): string {
  const extras = [...(canonical ? ['canonical'] : []), ...(asserted ? ["by an operator's word"] : [])]
  const found = finding?.found.map((text) => `  found: ${text}`) ?? []
  return [
    `${host} (${site}): ${[state, ...extras].join(', ')}`,
    ...(finding ? [`  ${finding.says}`, ...found] : []),
    ...(finding?.key === 'all-well' ? [] : [recordText(records)]),
    `  Next: ${next}`,
  ]
    .filter(Boolean)
    .join('\n')
}

/** Names are whole ones: most DNS panels add the domain themselves. */
function recordText(records: readonly HostRecord[]): string {
  if (records.length === 0) return ''
  const rows = records.map(
    ({ type, name, value }) => `    ${type.padEnd(5)}  ${name}  ${value.startsWith('*.') ? `the name of its own below ${value.slice(2)}` : value}`,
  )
  const several = records.filter((record) => record.for === 'leading here').length > 1
  const notes = [
    ...(records.some(({ type }) => type === 'CNAME')
      ? ['A CNAME cannot stand at the top of a domain: there use A and AAAA, or ALIAS where the DNS provider has it.']
      : []),
    ...(several ? ['Of the records that lead here, CNAME or A and AAAA will do.'] : []),
  ]
  return ['  At the DNS of the domain:', ...rows, ...notes.map((note) => `    ${note}`)].join('\n')
}

export function hostTable(hosts: readonly ShownHost[]): string {
  const rows = hosts.map(({ site, host, state, canonical, asserted, checkedAt, finding }) => [
    host,
    site,
    canonical ? 'yes' : '',
    asserted ? `${state} (operator)` : state,
    finding?.key ?? '-',
    checkedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
  ])
  return table([['host', 'site', 'canonical', 'state', 'last found', 'looked at'], ...rows], { left: [0, 1, 2, 3, 4, 5] })
}
