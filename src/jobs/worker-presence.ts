/** What the session of a job worker calls itself, for everybody who may look at the sessions of the database. */
export const workerName = 'tenantry worker'

interface Rows {
  query(text: string, values: unknown[]): Promise<{ rows: { workers: number }[] }>
}

/** How many job workers are connected to this database. Names of sessions can be seen by every login, unlike what they do. */
export async function countWorkers(client: Rows): Promise<number> {
  const { rows } = await client.query(
    'select count(*)::int as workers from pg_stat_activity where datname = current_database() and application_name = $1',
    [workerName],
  )
  return rows[0]?.workers ?? 0
}
