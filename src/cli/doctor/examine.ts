import { setTimeout as delay } from 'node:timers/promises'
import { databaseWords } from '../database-words.ts'
import { type Check, type Finding, type Patient, problem, type Remark, skipped } from './check.ts'

/** Milliseconds for one check. What takes longer is itself a finding. */
const patience = 20_000

/** Every check says what it finds; none hides another, whatever befalls it. `first` tells whether the database can be asked at all. */
export async function examine(patient: Patient, first: Check, checks: readonly Check[], longest = patience): Promise<Finding[]> {
  const found = await findingsOf(first, patient, longest)
  const away = found.some(({ outcome }) => outcome === 'problem' || outcome === 'skipped')
  const rest = checks.map((check) =>
    check.asksDatabase && away ? [{ check: check.name, ...skipped('the database could not be asked') }] : findingsOf(check, patient, longest),
  )
  return [found, ...(await Promise.all(rest))].flat()
}

async function findingsOf({ name, run }: Check, patient: Patient, longest: number): Promise<Finding[]> {
  const over = new AbortController()
  const late = delay(longest, 'late' as const, { signal: over.signal })
  const said: Remark[] = []
  try {
    if ((await Promise.race([collect(run(patient), said), late])) === 'late')
      said.push(problem(`it took longer than ${longest / 1000} s`, 'Look at what it asks: something there does not answer.'))
  } catch (error) {
    said.push(unchecked(error))
  } finally {
    over.abort()
    late.catch(() => {})
  }
  // A copy: what comes too late comes to nobody.
  return said.map((remark) => ({ check: name, ...remark }))
}

async function collect(remarks: ReturnType<Check['run']>, said: Remark[]): Promise<void> {
  for await (const remark of remarks instanceof Promise ? await remarks : remarks) said.push(remark)
}

function unchecked(error: unknown): Remark {
  const said = databaseWords(error) ?? (error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error))
  return problem(`it could not be checked: ${said}`, 'Put that right and look again.')
}
