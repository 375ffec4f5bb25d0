/** In dollars. */
export interface ArchivePrices {
  standard: number
  archive: number
  move: number
  readStandard: number
  readArchive: number
  readArchiveGb: number
}

/** List prices of eu-west-1, November 2026. docs/storage.md has its table from here. */
export const listPrices: ArchivePrices = {
  standard: 0.023,
  archive: 0.004,
  move: 0.02,
  readStandard: 0.0004,
  readArchive: 0.01,
  readArchiveGb: 0.03,
}

/** What each of them is for. */
export const priceWords: Record<keyof ArchivePrices, string> = {
  standard: 'a GB for a month in Standard',
  archive: 'a GB for a month in Glacier Instant Retrieval',
  move: 'moving 1,000 objects there',
  readStandard: 'reading 1,000 objects in Standard',
  readArchive: 'reading 1,000 objects there',
  readArchiveGb: 'reading a GB there, beside that',
}

/** A smaller object is billed there as one of so many bytes, and one that goes sooner as one that stayed for so many days. */
export const leastBilledSize = 128 * 1024
export const leastBilledDays = 90
