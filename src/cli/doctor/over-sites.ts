import { type Remark, warning } from './check.ts'
import { eachInTime } from './each-in-time.ts'

/** As many as the doctor's database has connections. */
const atOnce = 4

/** Milliseconds after which no further site is begun, short of the doctor's patience with a check: what was found by then is worth telling. */
const longest = 15_000

/** A look at each site, a few at once; a warning where the time was up before all had their turn. */
export async function overSites<Site>(sites: readonly Site[], look: (site: Site) => Promise<void>, most = longest): Promise<Remark[]> {
  const left = await eachInTime(sites, { atOnce, longest: most }, look)
  if (left.length === 0) return []
  return [warning(`${left.length} of ${sites.length} sites were not looked at: the time was up`, 'Look again when the database has less to do.')]
}
