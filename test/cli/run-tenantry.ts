import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Ended {
  code: number | null
  out: string
  err: string
}

/** `tenantry …` as a process of its own that has this environment and nothing else, and no terminal; with `input` in its standard input, by a pipe. */
export async function runTenantry(args: readonly string[], env: Record<string, string> = {}, input?: Uint8Array): Promise<Ended> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '', ...env },
    stdio: 'pipe',
  })
  // It may end without having read it all.
  child.stdin.on('error', () => {}).end(input)
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code, out, err }
}
