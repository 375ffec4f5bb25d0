import type { SecretBox } from '../security/secret-box.ts'
import type { Table } from './catalogue.ts'
import { type Row, readRow } from './table-rows.ts'

export interface Seals {
  box: SecretBox
  /** `table.column` of what SECRET_KEYS seal. */
  fields: readonly string[]
}

/** Sealed values belong to one hub's keys and one tenant: they are opened on the way out, and sealed anew on the way in. */
export interface Sealing {
  /** Lines as they go into the archive. A value that does not open is told to `unopened`, and goes as it is: the other hub cannot read it either. */
  open(lines: readonly string[], unopened?: (what: string) => void): string[]
  seal(lines: readonly string[]): string[]
}

/** In an archive: a secret in plain words, or one that nobody could open. */
const plain = 'plain:'
const shut = 'shut:'

/** Undefined for a table that has no sealed values. */
export function sealingOf(table: Table, tenantId: string, { box, fields }: Seals): Sealing | undefined {
  const columns = table.columns.map(({ name }) => name).filter((name) => fields.includes(`${table.name}.${name}`))
  if (columns.length === 0) return undefined
  const place = (column: string) => ({ tenantId, field: `${table.name}.${column}` })
  const opened = (sealed: string, column: string, told: () => void) => {
    try {
      return plain + box.open(sealed, place(column))
    } catch {
      told()
      return shut + sealed
    }
  }
  return {
    open: (lines, unopened = () => {}) =>
      lines.map((line) => {
        const row = readRow(line)
        const name = (column: string) => [place(column).field, ...table.key.map((part) => row[part] ?? '')].join(' ')
        return withValues(row, columns, (sealed, column) => opened(sealed, column, () => unopened(name(column))))
      }),
    seal: (lines) =>
      lines.map((line) =>
        withValues(readRow(line), columns, (value, column) =>
          value.startsWith(plain) ? box.seal(value.slice(plain.length), place(column)) : value.slice(shut.length),
        ),
      ),
  }
}

/** Empty is what was wiped, and stays. */
function withValues(row: Row, columns: readonly string[], make: (value: string, column: string) => string): string {
  const changed = columns.flatMap((column) => (row[column] ? [[column, make(row[column], column)]] : []))
  return JSON.stringify({ ...row, ...Object.fromEntries(changed) })
}
