type Stop = () => Promise<void>

const hardStop = 20_000

/**
 * A process: `start` tells `opened` how to end each thing it opens, and the milliseconds that this waits in any case. At the first SIGTERM or SIGINT,
 * also half-way through starting, and when starting fails, they are ended, last first. The process ends hard when that takes longer than a platform
 * would wait.
 */
export function runProcess(start: (opened: (stop: Stop, waits?: number) => void) => Promise<void>, patience = hardStop): void {
  const stops: Stop[] = []
  let most = patience
  let stopping = false
  const stop = async (code: number) => {
    // A terminal tells the whole process group, and whoever started us tells us again.
    if (stopping) return
    stopping = true
    setTimeout(() => giveUp(most), most).unref()
    const failures: unknown[] = []
    // One that fails is no reason to leave the others open: the last may be a database of our own.
    for (const end of stops.reverse()) {
      try {
        await end()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) exitWith(failures[0])
    process.exit(code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0))
  const opened = (end: Stop, waits = 0) => {
    stops.push(end)
    most += waits
  }
  start(opened).catch((error) => {
    if (stopping) return
    complain(error)
    void stop(1)
  })
}

function giveUp(milliseconds: number): never {
  console.error(`What was in flight has not ended within ${milliseconds / 1000} seconds; the process ends all the same.`)
  process.exit(1)
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
