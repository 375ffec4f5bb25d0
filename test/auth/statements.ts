import type { FastifyInstance } from 'fastify'
import pg from 'pg'

/**
 * What the service sends to PostgreSQL while `work` runs, in order, on every connection of its pool; but for what binds a connection to the site,
 * which depends on who had it before.
 */
export async function statementsOf(app: FastifyInstance, work: () => Promise<void>): Promise<string[]> {
  const clients: unknown = Reflect.get(app.database.pool, '_clients')
  if (!Array.isArray(clients)) throw new TypeError('a pool of pg keeps its clients elsewhere than it did')
  const { query } = pg.Client.prototype
  const seen: string[] = []
  const watched = function (this: unknown, ...args: unknown[]) {
    const [first] = args
    const text = String(typeof first === 'string' ? first : Reflect.get(Object(first), 'text'))
    if (clients.includes(this) && !text.includes('app.tenant_id')) seen.push(text)
    return Reflect.apply(query, this, args)
  }
  Reflect.set(pg.Client.prototype, 'query', watched)
  try {
    await work()
  } finally {
    Reflect.set(pg.Client.prototype, 'query', query)
  }
  return seen
}

/** What two statements have in common that differ in the columns they fill. */
export function verbAndTable(text: string): string {
  return /^\s*\S+(?: into)? (?:"\w+"\.)?\S+/.exec(text)?.[0] ?? text
}
