import { createClient } from '@redis/client'
import type { Script } from './redis-scripts.ts'

export interface RedisLinkOptions {
  url: string
  /** Milliseconds for a command. */
  commandTime?: number
  /** Milliseconds for a connection. */
  connectTime?: number
  /** Called once for each time that Redis goes away, and once when it is back. */
  onAway(error: unknown): void
  onBack(): void
}

export interface RedisLink {
  /** Runs a script; throws at once while Redis is away. */
  run(script: Script, key: string, args: string[]): Promise<unknown>
  /** Tries once, and goes on trying in the background: a Redis that is not there keeps nobody from starting. */
  open(): Promise<void>
  close(): void
}

type Client = ReturnType<typeof newClient>

/** Milliseconds between two tries of a connection. */
const pause = 1_000

const probe: Script = { text: `return redis.call('SET', KEYS[1], 1, 'PX', 1000) and 1`, sha: '' }

/**
 * A connection that is given up at the first sign of trouble and made anew from the start. The client's own reconnecting waits for a server that has
 * stopped without hanging up, and its time limit counts for commands that are not sent yet alone.
 */
export function createRedisLink({ url, commandTime = 250, connectTime = 1_000, onAway, onBack }: RedisLinkOptions): RedisLink {
  let current: Client | undefined
  let state: 'new' | 'up' | 'away' | 'closed' = 'new'
  let retry: NodeJS.Timeout | undefined

  const lose = (client: Client | undefined, error: unknown) => {
    if (client && client !== current) return
    current = undefined
    if (client?.isOpen) client.destroy()
    if (state === 'closed') return
    if (state !== 'away') onAway(error)
    state = 'away'
    retry = setTimeout(() => void connect(), pause).unref()
  }

  const connect = async () => {
    const client = newClient(url, connectTime)
    client.on('error', (error) => lose(client, error))
    try {
      await within(connectTime, client.connect())
      // A write, because one that is full or may only be read answers everything else.
      await within(commandTime, evaluate(client, probe, ['tenantry:limits:probe']))
    } catch (error) {
      if (client.isOpen) client.destroy()
      return lose(undefined, error)
    }
    if (state === 'closed' || !client.isReady) return state === 'closed' ? client.destroy() : lose(undefined, new Error('the connection has ended'))
    current = client
    if (state === 'away') onBack()
    state = 'up'
  }

  return {
    async run(script, key, args) {
      const client = current
      if (!client) throw new Error('Redis is away')
      try {
        return await within(commandTime, evaluate(client, script, [key, ...args]))
      } catch (error) {
        lose(client, error)
        throw error
      }
    },
    open: connect,
    close() {
      state = 'closed'
      clearTimeout(retry)
      if (current?.isOpen) current.destroy()
      current = undefined
    },
  }
}

function newClient(url: string, connectTimeout: number) {
  return createClient({
    url,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout, reconnectStrategy: false },
  })
}

/** By its hash, which is shorter; a Redis that was started anew has to be told the text again. */
async function evaluate(client: Client, { text, sha }: Script, [key = '', ...args]: string[]): Promise<unknown> {
  const rest = ['1', key, ...args]
  if (!sha) return client.sendCommand(['EVAL', text, ...rest])
  try {
    return await client.sendCommand(['EVALSHA', sha, ...rest])
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return client.sendCommand(['EVAL', text, ...rest])
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, failed) => {
    // After what has come in meanwhile: a process that was busy itself must not take that for a silence of Redis.
    timer = setTimeout(() => setImmediate(() => failed(new Error(`no answer from Redis within ${ms} ms`))), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
