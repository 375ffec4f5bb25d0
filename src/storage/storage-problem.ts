import { type ErrorCode, type Problem, problem } from '../errors.ts'
import { StorageFailure, type StorageReason } from './object-storage.ts'

const codes: Record<StorageReason, ErrorCode> = {
  unavailable: 'STORAGE_UNAVAILABLE',
  // Settings that are wrong are the operators', and look to a caller like a storage that is away.
  refused: 'STORAGE_UNAVAILABLE',
  full: 'STORAGE_FULL',
  'broken-off': 'UPLOAD_BROKEN_OFF',
  mismatch: 'UPLOAD_MISMATCH',
  'unknown-upload': 'UPLOAD_UNKNOWN',
}

/** The problem that a failure of the storage is to the caller; undefined where the storage is not what failed. */
export function storageProblem(error: unknown): Problem | undefined {
  if (!(error instanceof StorageFailure)) return undefined
  const code = codes[error.reason]
  return code === 'STORAGE_UNAVAILABLE'
    ? problem(code, { retryAfter: 5, cause: error })
    : problem(code, code === 'STORAGE_FULL' ? { cause: error } : {})
}
