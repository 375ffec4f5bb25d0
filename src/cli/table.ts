/** Columns as wide as what is in them: names to the left, numbers to the right. The first row is the head. `left`: columns of names. */
export function table(rows: readonly (readonly string[])[], { left = [0] }: { left?: readonly number[] } = {}): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (left.includes(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}
