import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Starting leaves garbage behind, and room for 64 MB of young objects, which V8 keeps for as long as a process has nothing to do: a sixth of what it holds. One
 * thorough collection gives both back, and room is made again where it is needed. It stops the process for a tenth of a second: call it before the first request.
 */
export function compactHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
