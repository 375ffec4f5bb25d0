import { type ArchivePrices, listPrices } from '../../storage/archive-prices.ts'
import type { CommonFlags } from '../add-command.ts'

export type ReportFlags = CommonFlags & Record<string, unknown>

export const priceNames = Object.keys(listPrices) as (keyof ArchivePrices)[]

/** `readArchiveGb` → `--price-read-archive-gb`. */
export function flagOf(name: keyof ArchivePrices): string {
  return `--price-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** What was given, and list prices for the rest. */
export function pricesOf(flags: ReportFlags): ArchivePrices {
  const given = priceNames.map((name) => [name, flags[`price${name.charAt(0).toUpperCase()}${name.slice(1)}`]])
  return { ...listPrices, ...Object.fromEntries(given) }
}
