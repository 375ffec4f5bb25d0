import type { UploadedPart } from './object-storage.ts'

export interface PartCopy extends UploadedPart {
  sentAt: Date
}

/**
 * One of each number, the newest. SeaweedFS lists every copy of a part that was sent again, in no order, with times of whole seconds: where two that
 * differ have the same the part counts as not there, so that it is sent once more, and no object is made of the wrong one.
 */
export function newestParts(copies: readonly PartCopy[]): UploadedPart[] {
  const byNumber = Map.groupBy(copies, ({ part }) => part)
  const newest = [...byNumber.values()].map((group) => {
    const last = Math.max(...group.map(({ sentAt }) => sentAt.getTime()))
    return group.filter(({ sentAt }) => sentAt.getTime() === last)
  })
  return newest
    .flatMap(([first, ...others]) => (first && others.every(({ etag }) => etag === first.etag) ? [first] : []))
    .map(({ part, size, etag }) => ({ part, size, etag }))
    .sort((one, other) => one.part - other.part)
}
