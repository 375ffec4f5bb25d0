import { startChild } from './child.ts'
import type { Counted } from './children/answer-parent.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'
import type { World } from './world.ts'

/** The list function itself, in process, past every cache: 32 callers, 200 tenants in turn, 10 connections. */
export async function measureList(pace: Pace, { env, seeded }: World): Promise<Row[]> {
  const start = (way: string) => startChild('list', { ...env, BENCH_WAY: way, BENCH_TENANTS: JSON.stringify(seeded.tenantIds) })
  const [isolated, prisma, pg] = [await start('isolated'), await start('prisma'), await start('pg')]
  const rates = await takeTurns(pace, {
    isolated: (seconds) => isolated.ask<Counted>('run', seconds),
    prisma: (seconds) => prisma.ask<Counted>('run', seconds),
    pg: (seconds) => pg.ask<Counted>('run', seconds),
  })
  await Promise.all([isolated.stop(), prisma.stop(), pg.stop()])
  return [
    compare('entries list, caches off, 200 tenants / Prisma without isolation', rates.isolated, rates.prisma, { atLeast: 0.75 }),
    compare('entries list, caches off, 200 tenants / bare pg', rates.isolated, rates.pg),
  ]
}
