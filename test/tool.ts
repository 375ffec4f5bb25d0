import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** Where Debian keeps daemons; not in everybody's PATH. */
const daemonFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin']

/**
 * Path of a program that npm does not bring. Where it is missing the test is skipped and says why, or, with TEST_REQUIRE_TOOLS=1, fails:
 * `const pgbouncer = requireTool(t, 'pgbouncer'); if (!pgbouncer) return`
 */
export function requireTool(t: Test, ...names: [string, ...string[]]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...daemonFolders].filter(Boolean)
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
  if (found) return found
  const reason = `${names.join(' or ')} is not installed (apt-get install ${names[0]})`
  if (process.env.TEST_REQUIRE_TOOLS === '1') t.fail(reason)
  else t.pass(reason, { skip: reason })
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
