import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

export interface Notifications {
  /** False from the moment a message may have been missed: then nothing read from memory may be older than a second. */
  readonly healthy: boolean
  /** `onMessage` gets each payload; `onGap` runs when messages may have been missed, after which everything in memory is suspect. */
  subscribe(listener: { onMessage: (payload: string) => void; onGap: () => void }): void
  start(): void
  stop(): Promise<void>
}

/**
 * Messages keep memory true; this only bounds what a bug there could do, and how long an idle session is taken for live. Milliseconds. At one
 * minute, ten thousand sites were 170 look-ups a second, a tenth of the processor.
 */
const longestLife = 5 * 60_000
const lifeWithoutMessages = 1_000

/** How old, in milliseconds, what was read from the database may be when it is used from memory. */
export function lifeInMemory({ healthy }: Pick<Notifications, 'healthy'>): number {
  return healthy ? longestLife : lifeWithoutMessages
}

const channel = 'tenantry'
const heartbeat = 1_000
const silence = 2_000
const longestPause = 5_000

/**
 * Listens on a connection of its own (LISTEN does not pass a transaction-mode pooler) and reconnects for ever. A heartbeat notices a
 * connection that was cut without a word.
 */
export function createNotifications(url: string, onError: (error: unknown) => void): Notifications {
  const listeners: { onMessage: (payload: string) => void; onGap: () => void }[] = []
  const stopping = new AbortController()
  let lastHeard = 0
  let running: Promise<void> | undefined
  let client: pg.Client | undefined

  async function listen(): Promise<void> {
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      const opened = Date.now()
      await follow().catch((error) => {
        if (!stopping.signal.aborted) onError(error)
      })
      lastHeard = 0
      if (Date.now() - opened > longestPause) pause = 100
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function follow(): Promise<void> {
    const connection = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: silence, keepAlive: true })
    client = connection
    const lost = new Promise<never>((_, fail) => {
      connection.on('error', fail)
      connection.on('end', () => fail(new Error('the notification connection ended')))
    })
    lost.catch(() => {})
    connection.on('notification', ({ payload }) => {
      for (const { onMessage } of listeners) onMessage(payload ?? '')
    })
    try {
      // pg never settles a connect that is ended half-way, only the event comes.
      await Promise.race([lost, connection.connect()])
      await Promise.race([lost, connection.query(`listen ${channel}`)])
      for (const { onGap } of listeners) onGap()
      for (;;) {
        lastHeard = Date.now()
        await Promise.race([lost, delay(heartbeat, undefined, { signal: stopping.signal })])
        await Promise.race([lost, connection.query('select 1')])
      }
    } finally {
      await connection.end().catch(() => {})
    }
  }

  return {
    get healthy() {
      return Date.now() - lastHeard < silence
    },
    subscribe: (listener) => void listeners.push(listener),
    start: () => {
      running ??= listen()
    },
    async stop() {
      stopping.abort()
      await client?.end().catch(() => {})
      await running
    },
  }
}
