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
const patience = 3_000
const idleMs = 60_000

/**
 * zxcvbn in a thread of its own: it takes 10 to 30 ms for what people type, up to 300 ms for what somebody makes to be slow (4 s as it comes: 100 signs,
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
  return {
    hint: (question) =>
      inTurn(async () => {
        clearTimeout(idle)
        thread ??= startThread(script)
        try {
          return await ask(thread, { ...question, password: [...normalisePassword(question.password)].slice(0, lookedAt).join('') })
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

function ask(thread: Worker, question: HintQuestion): Promise<PasswordHint> {
  return new Promise((resolve, reject) => {
    const fail = (reason: unknown) => settle(() => reject(reason instanceof Error ? reason : new Error('the thread ended')))
    const answer = (hint: PasswordHint) => settle(() => resolve(hint))
    const timer = setTimeout(() => fail(new Error('the thread does not answer')), patience)
    const settle = (then: () => void) => {
      clearTimeout(timer)
      thread.off('message', answer).off('error', fail).off('exit', fail)
      then()
    }
    thread.on('message', answer).on('error', fail).on('exit', fail)
    thread.postMessage(question)
  })
}
