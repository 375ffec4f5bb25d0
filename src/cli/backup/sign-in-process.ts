import type { Config } from '../../config.ts'
import { exitWith } from '../../run-process.ts'
import { signInOnce } from './sign-in-once.ts'

export interface Trial {
  config: Config
  databaseUrl: string
}

/** The process that the drill starts: it is told what to try, answers what did not hold, and ends. */
process.once('message', ({ config, databaseUrl }: Trial) => {
  signInOnce(config, databaseUrl).then((faults) => process.send?.(faults, () => process.disconnect()), exitWith)
})
