import type { UploadedPart } from './object-storage.ts'

/** Whether the parts named are all that have come, in their order and as they were when they came. None at all make no object. */
export function areAllParts(there: readonly UploadedPart[], wanted: readonly UploadedPart[]): boolean {
  const same = there.length === wanted.length && wanted.every(({ part, etag }, at) => there[at]?.part === part && there[at]?.etag === etag)
  return same && there.length > 0
}
