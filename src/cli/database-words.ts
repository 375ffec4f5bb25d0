import { databaseProblem, sqlState } from '../db/sql-error.ts'

/** By SQLSTATE. */
const words: Record<string, string> = {
  '28P01': 'The database does not take the password of DATABASE_URL.',
  '28000': 'The database does not take the login of DATABASE_URL.',
  '3D000': 'There is no database of the name that DATABASE_URL has.',
  // The role of the start-up options is not there; or its tables are not.
  '22023': 'The database is not migrated: run "tenantry migrate".',
  '42P01': 'The database is not migrated to this release: run "tenantry migrate".',
  '42703': 'The database is not migrated to this release: run "tenantry migrate".',
  '42501':
    'The login of DATABASE_URL may not do this. docs/operations.md says which roles it has to be granted; DATABASE_OWNER_URL can name another login for it.',
}

/** What a failure of the database means to an operator, where it is one of the usual ones. */
export function databaseWords(error: unknown): string | undefined {
  const known = words[sqlState(error) ?? '']
  if (known) return known
  return causes(error).some((one) => databaseProblem(one)?.code === 'DATABASE_UNAVAILABLE')
    ? 'The database of DATABASE_URL cannot be reached.'
    : undefined
}

/** A name that leads to several addresses fails with one error for each. */
function causes(error: unknown): unknown[] {
  return error instanceof AggregateError ? [error, ...error.errors] : [error]
}
