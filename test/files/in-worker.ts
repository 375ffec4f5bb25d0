import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Milliseconds: what reads its input once needs a hundredth of it, and what does not would need minutes. */
const longest = 20_000

const code = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData.module).then(async (module) => {
  const outcomes = []
  for (const call of workerData.calls) outcomes.push(await outcomeOf(() => module[workerData.name](...call)))
  parentPort.postMessage(outcomes)
})
async function outcomeOf(work) {
  try {
    return await work()
  } catch (error) {
    return error.reason ?? error.message
  }
}`

/**
 * What a function of `src/files` answers to each call, or the reason it throws. In a thread of its own, which is ended at the limit: an expression that
 * does not come back fails the test, where it would hold everything otherwise.
 */
export async function inWorker(file: string, name: string, calls: unknown[][]): Promise<unknown[]> {
  const module = new URL(`../../src/files/${file}`, import.meta.url).href
  const worker = new Worker(code, { eval: true, workerData: { module, name, calls } })
  try {
    const [outcomes] = await once(worker, 'message', { signal: AbortSignal.timeout(longest) })
    return outcomes
  } finally {
    await worker.terminate()
  }
}
