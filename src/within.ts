/** Fails with what `late` makes where the work has not ended after so many milliseconds. What cannot be called off goes on, and how it ends is nobody's matter. */
export function within<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late()), milliseconds)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
