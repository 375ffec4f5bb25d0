export interface Turns {
  atOnce: number
  /** Milliseconds after which no further one is begun. */
  longest: number
}

/** Looks at each, a few at once; answers those that had no turn before the time was up. */
export async function eachInTime<One>(all: readonly One[], { atOnce, longest }: Turns, look: (one: One) => Promise<void>): Promise<One[]> {
  const until = performance.now() + longest
  const waiting = [...all]
  const lane = async () => {
    while (performance.now() < until) {
      const one = waiting.shift()
      if (one === undefined) return
      await look(one)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return waiting
}
