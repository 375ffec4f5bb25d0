import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Trial } from './sign-in-process.ts'

/**
 * Signs in at the service in a process of its own, as it runs otherwise. What it has to know is told from process to process: arguments are there for
 * everybody to read.
 */
export function signInApart(trial: Trial): Promise<string[]> {
  const child = fork(fileURLToPath(new URL('sign-in-process.ts', import.meta.url)), { serialization: 'advanced' })
  const end = () => void child.kill()
  process.once('exit', end)
  return new Promise<string[]>((answered, failed) => {
    child.once('message', (faults: string[]) => answered(faults))
    child.once('error', failed)
    child.once('exit', (code, signal) => failed(new Error(`The service that the drill started ended (${signal ?? code}) before anybody signed in.`)))
    child.send(trial)
  }).finally(() => process.off('exit', end))
}
