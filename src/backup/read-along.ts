import type { RunningClient } from './run-client.ts'

/** Hands a program the bytes at the pace at which it reads; what it no longer reads it does without, and its exit code tells whether that was well. */
export function feed({ stdin }: RunningClient, chunk: Uint8Array): Promise<void> | undefined {
  if (stdin.destroyed || !stdin.writable || stdin.write(chunk)) return undefined
  return new Promise((done) => {
    const go = () => {
      stdin.off('drain', go).off('close', go)
      done()
    }
    stdin.on('drain', go).on('close', go)
  })
}

/** Tells it that there is no more, and waits until it has ended. */
export async function finish(client: RunningClient): Promise<void> {
  client.stdin.end()
  await client.ended
}
