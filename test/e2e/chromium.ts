import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

export const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--enable-logging=stderr',
  '--log-level=0',
]

export interface Page {
  /** The document as the browser has it once it is loaded. */
  dom: string
  /** What the page, or the browser about it, wrote to the console: a violated policy among it. */
  console: string[]
}

/** Opens the address in a Chromium with a profile of its own. */
export async function openPage(t: Test, chromium: string, url: string, more: readonly string[] = []): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'tenantry-chromium-'))
  t.teardown(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }))
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, '--virtual-time-budget=5000', ...more, '--dump-dom', url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  const [dom, log] = await Promise.all([text(browser.stdout), text(browser.stderr), once(browser, 'exit')])
  return { dom, console: log.split('\n').filter((line) => line.includes(':CONSOLE')) }
}
