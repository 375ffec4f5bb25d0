/** For an LRUCache of so many entries that takes its room as it fills: by `max` it would take 28 bytes for each of them at once. */
export const atMost = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 })
