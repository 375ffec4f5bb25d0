/** Each step of an iteration within what tells its failures apart: `onDisk`, `onS3`. */
export async function* eachIn<Item>(
  within: <Result>(work: () => Promise<Result>) => Promise<Result>,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]()
  for (let step = await within(() => iterator.next()); !step.done; step = await within(() => iterator.next())) yield step.value
}
