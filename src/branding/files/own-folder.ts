import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'tenantry-brands-'

/** A temporary folder, named for this process. What is named for one that lives no more was left behind by a kill, and goes. */
export async function makeOwnFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : Number.NaN)
    // What is another user's stays.
    if (pid > 0) await removeIfLeft(join(tmpdir(), name), pid).catch(() => {})
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
}

async function removeIfLeft(folder: string, pid: number): Promise<void> {
  // In a container the process before had the same number.
  const isOlder = pid === process.pid && (await stat(folder)).birthtimeMs < Date.now() - process.uptime() * 1_000
  if (isOlder || !lives(pid)) await rm(folder, { recursive: true, force: true })
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return Reflect.get(Object(error), 'code') === 'EPERM'
  }
}
