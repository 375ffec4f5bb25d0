import { Worker } from 'node:worker_threads'
import { problem } from '../../errors.ts'
import { createBoundedQueue } from '../bounded-queue.ts'
import { normalisePassword } from './password-text.ts'

export interface HintQuestion {
  password: string
  language: 'pt' | 'en' | 'fr'
  /** What is known of the password's owner. */
  words: readonly string[]
}

export interface PasswordHint {
  /** zxcvbn's: 0 is guessed at once, 4 is hard. */
  score: number
  warning: string
  suggestions: string[]
}

export interface PasswordHints {
  /** 503 OVERLOADED when too many ask at once. */
  hint(question: HintQuestion): Promise<PasswordHint>
  close(): Promise<void>
}

/** What comes behind makes it no weaker, and the time grows with it. */
const lookedAt = 64
const patience = { start: 20_000, answer: 3_000 }
const idleMs = 60_000

/**
 * zxcvbn in a thread of its own: it takes 10 to 30 ms for what people type, up to 300 ms for what somebody makes to be slow (3 s as it comes: 100 signs,
 * 100 substitutions), all of it without a pause, and its word lists take 90 MB. So the thread is made at the first question, answers one at a time,
 * ends when nobody has asked for a minute, and is ended when it does not answer.
 */
export function createPasswordHints({ script = new URL('hint-thread.ts', import.meta.url) } = {}): PasswordHints {
  const inTurn = createBoundedQueue({ concurrency: 1, queue: 16 })
  let thread: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  const end = async () => {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }
  const ask = async ({ password, ...more }: HintQuestion) => {
    if (!thread) {
      thread = startThread(script)
      // It says once that it is there: reading the lists takes longer than any answer.
      await nextMessage(thread, patience.start)
    }
    thread.postMessage({ ...more, password: [...normalisePassword(password)].slice(0, lookedAt).join('') } satisfies HintQuestion)
    return nextMessage(thread, patience.answer)
  }
  return {
    hint: (question) =>
      inTurn(async () => {
        clearTimeout(idle)
        try {
          return await ask(question)
        } catch (cause) {
          await end()
          throw problem('OVERLOADED', { retryAfter: 5, cause })
        } finally {
          idle = setTimeout(end, idleMs).unref()
        }
      }),
    close: end,
  }
}

/** It keeps no process alive. */
function startThread(script: URL): Worker {
  const thread = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: 256 } })
  thread.unref()
  return thread
}

function nextMessage(thread: Worker, milliseconds: number): Promise<PasswordHint> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer)
      thread.off('message', answer).off('error', fail).off('exit', fail)
      then()
    }
    const answer = (hint: PasswordHint) => settle(() => resolve(hint))
    const fail = (reason: unknown) => settle(() => reject(reason instanceof Error ? reason : new Error('the thread ended')))
    const timer = setTimeout(() => fail(new Error('the thread does not answer')), milliseconds)
    thread.on('message', answer).on('error', fail).on('exit', fail)
  })
}
