import type { CommonFlags } from '../add-command.ts'

export interface ListFlags extends CommonFlags {
  /** Milliseconds. */
  maxAge?: number
}

interface OpenFlags extends CommonFlags {
  /** Takes also what was made before there was a key to sign by. */
  unsigned?: boolean
}

export interface RestoreFlags extends OpenFlags {
  to?: string
}

export interface DrillFlags extends OpenFlags {
  into?: string
}
