import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { temporaryFolder } from '../temporary-folder.ts'
import { passOver } from '../tool.ts'

const run = promisify(execFile)

/** A file system of its own, of so many megabytes. Undefined where this machine mounts none for us: the test then ends as skipped. */
export async function mountSmallDisk(t: Test, megabytes: number): Promise<string | undefined> {
  const folder = await temporaryFolder(t)
  const asRoot = (command: string, ...args: string[]) => (process.getuid?.() === 0 ? run(command, args) : run('sudo', ['-n', command, ...args]))
  try {
    await asRoot('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'tmpfs', folder)
  } catch (error) {
    passOver(t, `a small file system needs root, or sudo without a password, and mount (${error instanceof Error ? error.message.trim() : error})`)
    return undefined
  }
  t.teardown(() => asRoot('umount', folder))
  return folder
}
