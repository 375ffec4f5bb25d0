import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** Where Debian keeps daemons, and Go what it built: not in everybody's PATH. */
const moreFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin', join(homedir(), 'go', 'bin')]

/** How to get what is no package of Debian's. */
const installs: Record<string, string> = { versitygw: 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0' }

/**
 * Path of a program that npm does not bring. Where it is missing the test is skipped and says why, or, with TEST_REQUIRE_TOOLS=1, fails:
 * `const pgbouncer = requireTool(t, 'pgbouncer'); if (!pgbouncer) return`
 */
export function requireTool(t: Test, ...names: [string, ...string[]]): string | undefined {
  const found = findTool(...names)
  if (found) return found
  const reason = `${names.join(' or ')} is not installed (${installs[names[0]] ?? `apt-get install ${names[0]}`})`
  passOver(t, reason)
  return undefined
}

/** Path of a program that a test can do without. */
export function findTool(...names: [string, ...string[]]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...moreFolders].filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** Where this machine cannot do what a test needs: the test ends as skipped, or, with TEST_REQUIRE_TOOLS=1, fails. */
export function passOver(t: Test, reason: string): void {
  if (process.env.TEST_REQUIRE_TOOLS === '1') t.fail(reason)
  else t.pass(reason, { skip: reason })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
