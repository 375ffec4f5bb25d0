import type { FastifyInstance } from 'fastify'

export interface Statement {
  text: string
  values: unknown[]
}

/** Tells of every statement that the service sends outside of a transaction, until what it answers is called. */
export function watchStatements({ database: { pool } }: FastifyInstance, onStatement: (statement: Statement) => void): () => void {
  const { query } = pool
  Reflect.set(pool, 'query', (...args: unknown[]) => {
    const { text = '', values = [] } = Object(args[0])
    onStatement({ text, values })
    return Reflect.apply(query, pool, args)
  })
  return () => void Reflect.set(pool, 'query', query)
}
