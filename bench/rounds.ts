import type { Counted } from './children/answer-parent.ts'

/** How long everything takes: rounds of each contender, seconds of a round, and of the one before that is not counted. */
export interface Pace {
  rounds: number
  seconds: number
  warmUp: number
  /** In the row with the most. */
  tenants: number
  /** Queued at once. */
  mails: number
  /** Of each address and flow, where a difference in time is looked for. */
  tries: number
}

/** What one contender managed, as the median of its rounds. */
export interface Rate {
  perSecond: number
  /** Microseconds of the server's processor time for each; 0 where that was not asked. */
  processor: number
}

type Round = (seconds: number) => Promise<Counted>

/**
 * Lets contenders take turns in short rounds, so that whatever else the machine does meets all of them, and answers each one's median. The
 * order turns round every time: nobody always runs right after the same other.
 */
export async function takeTurns<Name extends string>(
  { rounds, seconds, warmUp }: Pace,
  contenders: Record<Name, Round>,
): Promise<Record<Name, Rate>> {
  const names = Object.keys(contenders) as Name[]
  for (const name of names) await contenders[name](warmUp)
  const found = names.map((name) => ({ name, results: [] as Counted[] }))
  for (let round = 0; round < rounds; round++) {
    for (const { name, results } of round % 2 === 0 ? found : found.toReversed()) results.push(await contenders[name](seconds))
  }
  return Object.fromEntries(found.map(({ name, results }) => [name, rateOf(results)])) as Record<Name, Rate>
}

function rateOf(results: readonly Counted[]): Rate {
  return {
    perSecond: median(results.map(({ count, seconds }) => count / seconds)),
    processor: median(results.map(({ count, processor }) => (processor * 1000) / count)),
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
