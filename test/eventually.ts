import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

const mostOfATurn = 250

/**
 * Asks again until `holds` answers true, and fails where it has not within `ms`. A turn counts for a quarter of a second at most: where the machine stood
 * still, whoever is waited for did so too.
 */
export async function eventually(t: Test, fact: string, holds: () => Promise<boolean> | boolean, ms = 2_000): Promise<void> {
  let held = await holds()
  for (let left = ms; !held && left > 0; ) {
    const began = performance.now()
    await delay(20)
    held = await holds()
    left -= Math.min(performance.now() - began, mostOfATurn)
  }
  t.ok(held, `${fact}, within ${ms} ms`)
}
