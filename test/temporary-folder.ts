import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder that goes when the test ends. A test may have several, unlike tap's own. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}
