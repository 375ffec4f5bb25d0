import { once } from 'node:events'
import type { RunningClient } from './run-client.ts'

/** Hands a program the bytes at the pace at which it reads; what it no longer reads it does without, and its exit code tells whether that was well. */
export async function feed({ stdin }: RunningClient, chunk: Uint8Array): Promise<void> {
  if (stdin.destroyed || !stdin.writable || stdin.write(chunk)) return
  const waiting = new AbortController()
  await Promise.race(['drain', 'close'].map((event) => once(stdin, event, { signal: waiting.signal }))).finally(() => waiting.abort())
}

/** Tells it that there is no more, and waits until it has ended. */
export async function finish(client: RunningClient): Promise<void> {
  client.stdin.end()
  await client.ended
}
