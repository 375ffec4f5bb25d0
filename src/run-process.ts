type Stop = () => Promise<void>

const hardStop = 20_000

/**
 * A process: `start` tells `opened` how to end each thing it opens. At the first SIGTERM or SIGINT, also half-way through starting, and when
 * starting fails, they are ended, last first. The process ends hard when that takes longer than a platform would wait.
 */
export function runProcess(start: (opened: (stop: Stop) => void) => Promise<void>): void {
  const stops: Stop[] = []
  let stopping = false
  const stop = async (code: number) => {
    // A terminal tells the whole process group, and whoever started us tells us again.
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), hardStop).unref()
    try {
      for (const end of stops.reverse()) await end()
      process.exit(code)
    } catch (error) {
      exitWith(error)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0))
  start((end) => void stops.push(end)).catch((error) => {
    if (stopping) return
    complain(error)
    void stop(1)
  })
}

export function exitWith(error: unknown): never {
  complain(error)
  process.exit(1)
}

/** For a person at a terminal: what is wrong and nothing else. The stack is for bugs. */
function complain(error: unknown): void {
  const plain = error instanceof Error && ['ConfigError', 'WallError', 'Error'].includes(error.name)
  console.error(plain ? error.message : error)
}
