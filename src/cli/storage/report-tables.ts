import type { ArchiveSaving } from '../../storage/archive-saving.ts'
import { ageClasses, type Holdings, oldOriginals, sumOf, type Tally } from '../../storage/holdings.ts'
import { inBytes } from '../sizes.ts'
import { table } from '../table.ts'

export interface ReportRow {
  site: string
  holdings: Holdings
  saving: ArchiveSaving
}

/** For people. The sum is a line of its own only where there are several. */
export function reportTables(rows: readonly ReportRow[], total: ReportRow): string {
  const lines = rows.length === 1 ? rows : [...rows, total]
  return [
    'What is kept. Originals are those worth archiving: larger than 512 KB; by age in days.\n',
    table([['site', 'objects', 'size', 'originals', 'size', ...ageClasses.map(ageName)], ...lines.map(kept)]),
    '\nWhat it costs, in dollars.\n',
    table([costHead, ...lines.map(costs)]),
    '',
    ...verdict(total),
  ].join('\n')
}

const costHead = [
  'site',
  'a month in Standard',
  'with the archive',
  'saved',
  'moving, once',
  'paid back after',
  'reading all in Standard',
  'with the archive',
]

function kept({ site, holdings: { all, originals } }: ReportRow): string[] {
  const worth = sumOf(originals)
  return [site, whole(all.objects), size(all), whole(worth.objects), size(worth), ...originals.map(size)]
}

function costs({ site, saving: { month, moving, paidBackAfter, reading } }: ReportRow): string[] {
  const back = paidBackAfter === null ? '-' : months(paidBackAfter)
  return [site, ...[month.standard, month.archive, month.saved, moving].map(money), back, money(reading.standard), money(reading.archive)]
}

/** Where it loses money it says so. */
function verdict({ holdings, saving: { month, moving, paidBackAfter, readsUseUp } }: ReportRow): string[] {
  if (oldOriginals(holdings).objects === 0) return ['Nothing is large and old enough: the archive saves nothing yet, and costs nothing.']
  if (paidBackAfter === null || readsUseUp === null) {
    return [`The archive loses money at these prices: ${money(moving)} to move there, and ${money(-month.saved)} more each month.`]
  }
  const percent = month.standard > 0 ? ` (${((month.saved / month.standard) * 100).toFixed(1)} %)` : ''
  return [
    `The archive saves ${money(month.saved)} a month${percent}; it has lost money until ${months(paidBackAfter)} after the move.`,
    `It loses money where all that has moved is read more often than once in ${months(readsUseUp)}.`,
  ]
}

function ageName({ from, until }: (typeof ageClasses)[number]): string {
  return Number.isFinite(until) ? `${from}-${until}` : `${from} and more`
}

function size({ bytes }: Tally): string {
  return inBytes(bytes)
}

function whole(count: number): string {
  return count.toLocaleString('en')
}

/** A site of few files costs less than a cent. */
function money(dollars: number): string {
  if (dollars > 0 && dollars < 0.00005) return '<0.0001'
  return dollars.toFixed(Math.abs(dollars) < 1 ? 4 : 2)
}

function months(count: number): string {
  const days = Math.ceil(count * 30)
  if (count < 2) return days === 1 ? '1 day' : `${days} days`
  return `${count.toFixed(1)} months`
}
