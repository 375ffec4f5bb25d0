import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

/** Asks again until `holds` answers true, and fails where it has not within `ms`. */
export async function eventually(t: Test, fact: string, holds: () => Promise<boolean> | boolean, ms = 2_000): Promise<void> {
  const deadline = Date.now() + ms
  let held = await holds()
  while (!held && Date.now() < deadline) {
    await delay(20)
    held = await holds()
  }
  t.ok(held, `${fact}, within ${ms} ms`)
}
