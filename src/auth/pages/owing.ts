import type { OwedFactor } from '../sign-in/finish-sign-in.ts'

/** Somebody between the first proof and the second. */
export interface Owing {
  owed: Pick<OwedFactor, 'secret' | 'factors' | 'enrol'>
  /** As it came with the form. */
  returnTo: string | undefined
}
