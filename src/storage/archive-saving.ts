import type { ArchivePrices } from './archive-prices.ts'
import { type Holdings, oldOriginals, type Tally } from './holdings.ts'

/** In dollars. What leaves the region or goes out to browsers costs the same either way, and is left out. */
export interface ArchiveSaving {
  /** Of all that is kept. */
  month: { standard: number; archive: number; saved: number }
  /** What is large and old enough, once. */
  moving: number
  /** Months; null where it never is, or where there is nothing to move. */
  paidBackAfter: number | null
  /** All that is kept, once. */
  reading: { standard: number; archive: number }
  /** Months between two reads of all that has moved, at which the archive saves nothing: it loses money where they are fewer. */
  readsUseUp: number | null
}

const GB = 1024 ** 3

/** What the archive saves and what it costs, by these prices. */
export function archiveSaving({ all, originals }: Holdings, prices: ArchivePrices): ArchiveSaving {
  const moved = oldOriginals({ all, originals })
  const saved = inGB(moved.bytes) * prices.standard - inGB(moved.billed) * prices.archive
  const standard = inGB(all.bytes) * prices.standard
  const moving = thousands(moved) * prices.move
  const read = thousands(all) * prices.readStandard
  const readMore = thousands(moved) * (prices.readArchive - prices.readStandard) + inGB(moved.bytes) * prices.readArchiveGb
  return {
    month: { standard, archive: standard - saved, saved },
    moving,
    paidBackAfter: saved > 0 ? moving / saved : null,
    reading: { standard: read, archive: read + readMore },
    readsUseUp: saved > 0 ? Math.max(readMore / saved, 0) : null,
  }
}

function inGB(bytes: number): number {
  return bytes / GB
}

function thousands({ objects }: Tally): number {
  return objects / 1_000
}
