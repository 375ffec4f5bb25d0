/** What is counted: a kind of use, and whose it is. */
export interface Counter {
  name: string
  key: string
}

export interface Window {
  limit: number
  windowMs: number
}

export interface Delays {
  /** Milliseconds to wait after the first failure, the second …; the last one holds for all that follow. */
  delays: readonly number[]
  /** So long after the last failure or its wait, what was counted is forgotten. */
  forgetMs: number
}

export interface Failure {
  /** Milliseconds that were still to be waited. Above 0 the failure was not counted. */
  wait: number
  /** How many in a row, this one included; 0 where it was not counted. */
  failures: number
  /** Makes it as if this one had never been; others since then stand. */
  takeBack(): Promise<void>
}

/**
 * Where counts are kept. Each operation is atomic: of any number at once the outcome is as if they had come in turn. Times are milliseconds by
 * the store's own clock, so that copies which share a store agree.
 */
export interface LimitStore {
  /** Counts a use in a fixed window that the first one opens. Answers 0, or how long the window lasts where it is over the limit. */
  take(counter: Counter, window: Window): Promise<number>
  /** Counts a failure, unless an earlier one is to be waited for. */
  fail(counter: Counter, delays: Delays): Promise<Failure>
  wait(counter: Counter): Promise<number>
  clear(counter: Counter): Promise<void>
}
