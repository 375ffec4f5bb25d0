import type { Config } from '../../config.ts'
import type { Database } from '../../db/client.ts'

export interface Finding {
  check: string
  outcome: 'ok' | 'warning' | 'problem' | 'skipped'
  what: string
  /** What to do about it. */
  remedy?: string
}

/** What a check says; whose it is the doctor knows. */
export type Remark = Omit<Finding, 'check'>

/** The deployment that is looked at. */
export interface Patient {
  env: NodeJS.ProcessEnv
  /** What is sound of the variables: a fault in one hides nothing of the others. */
  config: Config
  faults: readonly string[]
  /** As the service opens it. Opened once, closed by the doctor. */
  database(): Database
  now(): number
}

export interface Check {
  name: string
  /** Left out, with that reason, where the database does not answer. */
  asksDatabase?: true
  /** A generator where parts of it may take long: what it has said stands, also when its time is up before it has ended. */
  run(patient: Patient): Promise<Remark[]> | AsyncGenerator<Remark>
}

export const ok = (what: string): Remark => ({ outcome: 'ok', what })
export const warning = (what: string, remedy: string): Remark => ({ outcome: 'warning', what, remedy })
export const problem = (what: string, remedy: string): Remark => ({ outcome: 'problem', what, remedy })
export const skipped = (what: string): Remark => ({ outcome: 'skipped', what })

/** The first few, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ')
}
