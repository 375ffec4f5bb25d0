import pg from 'pg'

/** A connection as the login itself, without a role: what a pooler lets through as well. */
export async function asLogin<Result>(url: string, work: (login: pg.Client) => Promise<Result>): Promise<Result> {
  const login = new pg.Client({ connectionString: url, connectionTimeoutMillis: 8_000, query_timeout: 8_000 })
  login.on('error', () => {})
  await login.connect()
  try {
    return await work(login)
  } finally {
    await login.end().catch(() => {})
  }
}
