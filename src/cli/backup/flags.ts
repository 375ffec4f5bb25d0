import type { CommonFlags } from '../add-command.ts'

export interface ListFlags extends CommonFlags {
  /** Milliseconds. */
  maxAge?: number
}

export interface RestoreFlags extends CommonFlags {
  to: string
}

export interface DrillFlags extends CommonFlags {
  into?: string
}
