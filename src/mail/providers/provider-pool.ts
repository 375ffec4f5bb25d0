import type { ChosenAccount } from '../account/choose-account.ts'
import type { ProviderOpener } from './open-provider.ts'
import type { MailProvider } from './provider.ts'

/** Open connections, kept between the runs of one account. */
export interface ProviderPool {
  /** Throws MailFailure. `release` has to be called once. */
  take(account: ChosenAccount): Promise<{ provider: MailProvider; release: () => void }>
  /** Ends mails under way too. */
  close(): void
}

interface Open {
  provider: Promise<MailProvider>
  openedAt: number
  users: number
  retired: boolean
  idle: NodeJS.Timeout | undefined
}

/** Connections of one account at once: per-site concurrency. */
export const lanes = 3
/** An address was vetted when its connection was opened: it is asked for again that often. */
const longestLife = 5 * 60_000
const longestIdle = 20_000

export function createProviderPool(opener: ProviderOpener, now: () => number = Date.now): ProviderPool {
  const open = new Map<string, Open>()

  const shut = (entry: Open) => void entry.provider.then((provider) => provider.close()).catch(() => {})
  const retire = (key: string, entry: Open) => {
    if (open.get(key) === entry) open.delete(key)
    entry.retired = true
    clearTimeout(entry.idle)
    if (entry.users === 0) shut(entry)
  }
  const enter = (key: string, account: ChosenAccount): Open => {
    const known = open.get(key)
    if (known && now() - known.openedAt < longestLife) return known
    if (known) retire(key, known)
    const provider = opener.open(account.settings, { connections: lanes }).then(inLanes)
    const entry: Open = { provider, openedAt: now(), users: 0, retired: false, idle: undefined }
    open.set(key, entry)
    // One that could not be opened is not remembered.
    provider.catch(() => retire(key, entry))
    return entry
  }

  return {
    async take(account) {
      const key = `${account.accountTenantId} ${account.revision}`
      const entry = enter(key, account)
      entry.users++
      clearTimeout(entry.idle)
      const release = () => {
        entry.users--
        if (entry.users > 0) return
        if (entry.retired) shut(entry)
        else entry.idle = setTimeout(() => retire(key, entry), longestIdle).unref()
      }
      try {
        return { provider: await entry.provider, release }
      } catch (error) {
        release()
        throw error
      }
    },
    close() {
      for (const [key, entry] of open) {
        retire(key, entry)
        shut(entry)
      }
    },
  }
}

/** Several sites may share an account: a mail is handed over when there is a connection for it, because its time begins to run then. */
function inLanes(provider: MailProvider): MailProvider {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async send(mail) {
      if (running < lanes) running++
      // A lane is handed over, so `running` stays as it is.
      else await new Promise<void>((turn) => waiting.push(turn))
      try {
        return await provider.send(mail)
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
    verify: () => provider.verify(),
    close: () => provider.close(),
  }
}
