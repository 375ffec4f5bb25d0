import { stopChildren } from './child.ts'

export type Step = () => Promise<void>

/**
 * Runs a script of this folder: what it has started is undone at its end, when it fails, and at a signal, once and in the order of `undo`. Children
 * are stopped first; `run` adds the rest.
 */
export function runToEnd(run: (undo: Step[]) => Promise<void>): void {
  const undo: Step[] = [stopChildren]
  let stopping: Promise<void> | undefined
  const stopAll = () => {
    stopping ??= (async () => {
      for (const step of undo) await step().catch((error) => console.error(error))
    })()
    return stopping
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll().finally(() => process.exit(130)))
  run(undo)
    .catch((error) => {
      // Stopping takes the servers away under whatever was being measured.
      if (stopping) return
      console.error(error)
      process.exitCode = 1
    })
    .finally(stopAll)
}
