import { type Command, InvalidArgumentError } from 'commander'
import type { Database } from '../db/client.ts'
import { type ArchivePrices, listPrices, priceWords } from '../storage/archive-prices.ts'
import { archiveSaving } from '../storage/archive-saving.ts'
import { ageClasses, measureHoldings, oldOriginals, sumOfHoldings } from '../storage/holdings.ts'
import type { ObjectStorage } from '../storage/object-storage.ts'
import { tenantStorage } from '../storage/tenant-storage.ts'
import { findAnySites, type Site } from './find-sites.ts'
import { type ReportRow, reportTables } from './report-tables.ts'

export type LendDatabase = <Result>(work: (database: Database) => Promise<Result>) => Promise<Result>
export type LendStorage = <Result>(work: (storage: ObjectStorage) => Promise<Result>) => Promise<Result>

type Flags = { json?: boolean } & Record<string, unknown>

const priceNames = Object.keys(listPrices) as (keyof ArchivePrices)[]

export function addReport(storage: Command, withDatabase: LendDatabase, withStorage: LendStorage): void {
  const report = storage
    .command('report [slug]')
    .description('what a site keeps, or every site, and what the archive saves and costs by its sizes and ages')
    .option('--json', 'for programs: bytes, dollars and months, not rounded')
  for (const name of priceNames) report.option(`${flagOf(name)} <dollars>`, priceWords[name], dollars, listPrices[name])
  report.action(async (slug: string | undefined, flags: Flags) => {
    const prices = pricesOf(flags)
    const sites = await withDatabase((database) => findAnySites(database, slug))
    const rows = await withStorage((opened) => measure(opened, sites, prices))
    const holdings = sumOfHoldings(rows.map((row) => row.holdings))
    const total = { site: 'all', holdings, saving: archiveSaving(holdings, prices) }
    console.log(flags.json ? asJson(rows, total, prices) : reportTables(rows, total))
  })
}

/** Deleted sites as well: what they keep is paid for as long as it is there. */
async function measure(storage: ObjectStorage, sites: readonly Site[], prices: ArchivePrices): Promise<ReportRow[]> {
  const rows: ReportRow[] = []
  for (const { id, slug } of sites) {
    const holdings = await measureHoldings(tenantStorage(storage, id).list(''), new Date())
    rows.push({ site: slug, holdings, saving: archiveSaving(holdings, prices) })
  }
  return rows
}

function asJson(rows: readonly ReportRow[], total: ReportRow, prices: ArchivePrices): string {
  const shape = ({ holdings, saving }: ReportRow) => {
    const count = ({ objects, bytes }: { objects: number; bytes: number }) => ({ objects, bytes })
    const originals = holdings.originals.map((tally, at) => ({ fromDays: ageClasses[at]?.from, ...count(tally) }))
    return { all: count(holdings.all), originals, moved: count(oldOriginals(holdings)), ...saving }
  }
  return JSON.stringify({ prices, sites: rows.map((row) => ({ site: row.site, ...shape(row) })), total: shape(total) }, null, 2)
}

function pricesOf(flags: Flags): ArchivePrices {
  const given = priceNames.map((name) => [name, flags[`price${name.charAt(0).toUpperCase()}${name.slice(1)}`]])
  return { ...listPrices, ...Object.fromEntries(given) }
}

/** `readArchiveGb` → `--price-read-archive-gb`. */
function flagOf(name: keyof ArchivePrices): string {
  return `--price-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function dollars(text: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('A price is a number of dollars, such as 0.023.')
  return Number(text)
}
