/** Answers of a child process to the bench that started it, by name. */
export type Answers = Record<string, (argument: unknown) => unknown>

/** Answers one question at a time, and ends with the parent: nothing is left running when the bench is killed. */
export function answerParent(answers: Answers): void {
  process.on('message', async ({ ask, argument }: { ask: string; argument: unknown }) => {
    try {
      process.send?.({ answer: await answers[ask]?.(argument) })
    } catch (error) {
      process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ answer: 'ready' })
}

/** Milliseconds of processor time used so far. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Keeps `callers` busy with `work` for so long, and counts what they finished. */
export async function repeat(work: () => Promise<unknown>, callers: number, seconds: number): Promise<Counted> {
  const [started, used] = [performance.now(), processorTime()]
  const end = started + seconds * 1000
  let count = 0
  const caller = async () => {
    while (performance.now() < end) {
      await work()
      count++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { count, seconds: (performance.now() - started) / 1000, processor: processorTime() - used }
}

export interface Counted {
  count: number
  seconds: number
  /** Milliseconds of processor time. */
  processor: number
}
