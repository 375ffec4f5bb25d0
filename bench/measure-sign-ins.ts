import { startChild } from './child.ts'
import type { Counted } from './children/answer-parent.ts'
import { latencies, storm, type Target } from './load.ts'
import { compare, type Row } from './report.ts'
import { median, type Pace, quantile, takeTurns } from './rounds.ts'

export interface SignIn {
  target: Target
  /** One for each account; one account is not let in many times at once. */
  bodies: readonly string[]
  /** Hashes computed at once, in the service and beside it. */
  parallelism: number
}

const callers = 16
const perSecond = 200

export async function measureSignIns(pace: Pace, { target, bodies, parallelism }: SignIn): Promise<Row[]> {
  const bare = await startChild('argon2', { BENCH_CALLERS: String(parallelism) })
  const rates = await takeTurns(pace, {
    ours: (seconds) => signInFor({ target, bodies }, seconds),
    argon2: (seconds) => bare.ask<Counted>('run', seconds),
  })
  await bare.stop()
  const what = `sign-ins / bare Argon2id verifies, ${parallelism} at once`
  return [compare(what, rates.ours, rates.argon2, { atLeast: 0.9 }), await duringStorm(pace, { target, bodies })]
}

async function signInFor({ target, bodies }: Omit<SignIn, 'parallelism'>, seconds: number): Promise<Counted> {
  const running = storm(target, bodies, callers)
  const timer = setTimeout(() => running.stop(), seconds * 1000)
  return running.counted.finally(() => clearTimeout(timer))
}

/** Requests arrive at a steady pace, answered or not: a stall is met by all that come meanwhile. */
async function duringStorm({ rounds, seconds }: Pace, { target, bodies }: Omit<SignIn, 'parallelism'>): Promise<Row> {
  const site = { ...target, path: '/v1/site' }
  const probe = () => latencies(site, { seconds, perSecond })
  const [idle, busy]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    idle.push(quantile(await probe(), 0.99))
    const running = storm(target, bodies, callers)
    busy.push(quantile(await probe(), 0.99))
    running.stop()
    await running.counted
  }
  const [calm, stormy] = [median(idle), median(busy)]
  return {
    what: `p99 of GET /v1/site in a storm of ${callers} signing in / idle`,
    ours: `${stormy.toFixed(1)} ms`,
    baseline: `${calm.toFixed(1)} ms`,
    measured: stormy / calm,
    wanted: { atMost: 5 },
  }
}
