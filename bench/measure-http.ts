import { type Child, startChild } from './child.ts'
import { fetchAnswer, load, type Target } from './load.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'

export interface Read {
  what: string
  target: Target
  wanted: number
}

/** Reads that never leave the process, against a bare Fastify route with the same body: first as it is, then with the same headers too. */
export async function measureReads(pace: Pace, reads: readonly Read[], ours?: Child): Promise<Row[]> {
  const answers = await Promise.all(reads.map(({ target }) => fetchAnswer(target)))
  const bare = await startChild('bare-fastify', { NODE_ENV: 'production' })
  const rows: Row[] = []
  try {
    const origin = `http://127.0.0.1:${await bare.ask<number>('listen', answers)}`
    for (const { what, target, wanted } of reads) {
      const rates = await takeTurns(pace, {
        ours: (seconds) => load(target, seconds, ours),
        body: (seconds) => load({ ...target, origin }, seconds, bare),
        whole: (seconds) => load({ ...target, origin, path: `/same-headers${target.path}` }, seconds, bare),
      })
      rows.push(compare(`${what} / bare Fastify, same body`, rates.ours, rates.body, { atLeast: wanted }))
      rows.push(compare(`${what} / bare Fastify, same body and headers`, rates.ours, rates.whole))
    }
  } finally {
    await bare.stop()
  }
  return rows
}
