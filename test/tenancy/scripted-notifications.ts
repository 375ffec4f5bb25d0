import type { Notifications } from '../../src/db/notifications.ts'

export interface ScriptedNotifications extends Notifications {
  healthy: boolean
  say(payload: string): void
  gap(): void
}

/** Notifications that say what the test makes them say. */
export function scriptedNotifications(): ScriptedNotifications {
  const listeners: Parameters<Notifications['subscribe']>[0][] = []
  return {
    healthy: true,
    subscribe: (listener) => void listeners.push(listener),
    start: () => {},
    stop: async () => {},
    say: (payload) => {
      for (const { onMessage } of listeners) onMessage(payload)
    },
    gap: () => {
      for (const { onGap } of listeners) onGap()
    },
  }
}
