export interface CountDifference {
  table: string
  /** In the snapshot of the dump; undefined where it had no such table. */
  wanted: number | undefined
  found: number | undefined
}

export function compareCounts(wanted: Record<string, number>, found: Record<string, number>): CountDifference[] {
  const tables = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort()
  return tables.map((table) => ({ table, wanted: wanted[table], found: found[table] })).filter((difference) => difference.wanted !== difference.found)
}

export function inWords({ table, wanted, found }: CountDifference): string {
  return `${table} has ${found ?? 'no'} rows, and had ${wanted ?? 'none'} in the snapshot`
}
