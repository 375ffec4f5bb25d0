import { asLogin } from '../as-login.ts'
import { type Check, ok, problem, skipped, warning } from '../check.ts'

/** PgBouncer hands out the server connection that was used last, so one try is nearly always enough. */
const tries = 10

export const pooler: Check = {
  name: 'pooler',
  asksDatabase: true,
  async run({ config }) {
    const { url, unpooledUrl, poolMode } = config.database
    if (!url) return [skipped('DATABASE_URL is not set')]
    const pooled = await sharesConnections(url)
    const remarks = [
      ...(pooled && poolMode === 'session'
        ? [
            problem(
              'DATABASE_URL leads to a pooler in transaction mode, and DATABASE_POOL_MODE is session',
              'Set DATABASE_POOL_MODE=transaction, and DATABASE_UNPOOLED_URL to the database itself: settings of a session do not stay with it there.',
            ),
          ]
        : []),
      ...(unpooledUrl !== url && (await sharesConnections(unpooledUrl))
        ? [
            problem(
              'DATABASE_UNPOOLED_URL leads to a pooler too',
              'Name the database itself: migrations and notifications need a session of their own.',
            ),
          ]
        : []),
      ...(!pooled && poolMode === 'transaction'
        ? [
            warning(
              'DATABASE_POOL_MODE is transaction, and no pooler is there',
              'Set DATABASE_POOL_MODE=session: each query costs a transaction less.',
            ),
          ]
        : []),
    ]
    return remarks.length > 0 ? remarks : [ok(pooled ? 'a pooler in transaction mode, as is set' : 'sessions of our own')]
  },
}

/** Two sessions that are open at once and meet in one server process share it: only a pooler between transactions does that. */
async function sharesConnections(url: string): Promise<boolean> {
  return asLogin(url, (one) =>
    asLogin(url, async (other) => {
      for (let at = 0; at < tries; at++) {
        const pids = [
          (await one.query('select pg_backend_pid() as pid')).rows[0]?.pid,
          (await other.query('select pg_backend_pid() as pid')).rows[0]?.pid,
        ]
        if (pids[0] === pids[1]) return true
      }
      return false
    }),
  )
}
