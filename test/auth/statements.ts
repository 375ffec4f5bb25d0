import type { FastifyInstance } from 'fastify'

/** What the service sends to PostgreSQL while `work` runs, in order, on every connection it takes. */
export async function statementsOf(app: FastifyInstance, work: () => Promise<void>): Promise<string[]> {
  const { pool } = app.database
  const { connect } = pool
  const seen: string[] = []
  const undo: (() => void)[] = []
  const watched = async () => {
    const client: object = await Reflect.apply(connect, pool, [])
    const query = Reflect.get(client, 'query')
    Reflect.set(client, 'query', (...args: unknown[]) => {
      const [first] = args
      seen.push(String(typeof first === 'string' ? first : Reflect.get(Object(first), 'text')))
      return Reflect.apply(query, client, args)
    })
    undo.push(() => Reflect.set(client, 'query', query))
    return client
  }
  Reflect.set(pool, 'connect', watched)
  try {
    await work()
  } finally {
    Reflect.set(pool, 'connect', connect)
    for (const step of undo.reverse()) step()
  }
  return seen
}

/** What two statements have in common that differ in the columns they fill. */
export function verbAndTable(text: string): string {
  return /^\s*\S+(?: into)? (?:"\w+"\.)?\S+/.exec(text)?.[0] ?? text
}
