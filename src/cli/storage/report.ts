import type { ArchivePrices } from '../../storage/archive-prices.ts'
import { archiveSaving } from '../../storage/archive-saving.ts'
import { ageClasses, measureHoldings, oldOriginals, sumOfHoldings } from '../../storage/holdings.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { tenantStorage } from '../../storage/tenant-storage.ts'
import { print } from '../print.ts'
import { findAnySites, type Site } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'
import { pricesOf, type ReportFlags } from './price-flags.ts'
import { type ReportRow, reportTables } from './report-tables.ts'

export async function reportStorage({ withDatabase, withStorage }: Tools, slug: string | undefined, flags: ReportFlags): Promise<void> {
  const prices = pricesOf(flags)
  const sites = await withDatabase((database) => findAnySites(database, slug))
  const rows = await withStorage((opened) => measure(opened, sites, prices))
  const holdings = sumOfHoldings(rows.map((row) => row.holdings))
  const total = { site: 'all', holdings, saving: archiveSaving(holdings, prices) }
  print(flags, shape(rows, total, prices), () => reportTables(rows, total))
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

function shape(rows: readonly ReportRow[], total: ReportRow, prices: ArchivePrices) {
  const shapeRow = ({ holdings, saving }: ReportRow) => {
    const count = ({ objects, bytes }: { objects: number; bytes: number }) => ({ objects, bytes })
    const originals = holdings.originals.map((tally, at) => ({ fromDays: ageClasses[at]?.from, ...count(tally) }))
    return { all: count(holdings.all), originals, moved: count(oldOriginals(holdings)), ...saving }
  }
  return { prices, sites: rows.map((row) => ({ site: row.site, ...shapeRow(row) })), total: shapeRow(total) }
}
