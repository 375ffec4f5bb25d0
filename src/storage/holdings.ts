import { leastBilledSize } from './archive-prices.ts'
import { archiveAfterDays, leastArchivedSize } from './bucket-lifecycle.ts'
import type { StoredObject } from './object-storage.ts'

export interface Tally {
  objects: number
  bytes: number
  /** As the archive counts them. */
  billed: number
}

/** What somebody keeps, however much it is, in few numbers. */
export interface Holdings {
  all: Tally
  /** Those worth archiving, by age: one for each of `ageClasses`. */
  originals: readonly Tally[]
}

/** Days, the last one not included. One of them begins where the archive does. */
export const ageClasses = [
  { from: 0, until: 30 },
  { from: 30, until: archiveAfterDays },
  { from: archiveAfterDays, until: 365 },
  { from: 365, until: Number.POSITIVE_INFINITY },
] as const

export const nothing: Tally = { objects: 0, bytes: 0, billed: 0 }
export const noHoldings: Holdings = { all: nothing, originals: ageClasses.map(() => nothing) }

/** What the service tags for the archive as it comes: a listing does not tell tags, only a request for each object would. */
const originalKey = /^media\/[^/]+\/original$/
const day = 24 * 3_600_000

/** Of one tenant's objects, by keys below its folder; one after the other, so that a million of them take no more memory than one. */
export async function measureHoldings(objects: AsyncIterable<StoredObject>, now: Date): Promise<Holdings> {
  let all = nothing
  const originals = ageClasses.map(() => nothing)
  for await (const { key, size, modifiedAt } of objects) {
    all = plus(all, tallyOf(size))
    if (!originalKey.test(key) || size <= leastArchivedSize) continue
    const at = ageClass((now.getTime() - modifiedAt.getTime()) / day)
    originals[at] = plus(originals[at] ?? nothing, tallyOf(size))
  }
  return { all, originals }
}

/** Clocks differ: what is from the future is new. */
function ageClass(days: number): number {
  return Math.max(
    ageClasses.findIndex(({ from, until }) => days >= from && days < until),
    0,
  )
}

export function tallyOf(size: number): Tally {
  return { objects: 1, bytes: size, billed: Math.max(size, leastBilledSize) }
}

export function plus(one: Tally, other: Tally): Tally {
  return { objects: one.objects + other.objects, bytes: one.bytes + other.bytes, billed: one.billed + other.billed }
}

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(plus, nothing)
}

export function sumOfHoldings(holdings: readonly Holdings[]): Holdings {
  return {
    all: sumOf(holdings.map(({ all }) => all)),
    originals: ageClasses.map((_, at) => sumOf(holdings.map(({ originals }) => originals[at] ?? nothing))),
  }
}

/** What has moved, or will tonight. */
export function oldOriginals({ originals }: Holdings): Tally {
  return sumOf(originals.filter((_, at) => (ageClasses[at]?.from ?? 0) >= archiveAfterDays))
}
