import { createHmac, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scope } from '../../tenancy/define-flow.ts'
import { inboxRoutes } from './routes.ts'
import { startSmtp } from './smtp.ts'
import { openStore } from './store.ts'

export interface Inbox {
  /** Of the mail server on 127.0.0.1. */
  port: number
  /** Of the mail server's user of that name: each site signs in with its slug. */
  passwordOf(site: string): string
  /** The page and its JSON, on `inboxHost`. */
  routes(scope: Scope): Promise<void>
  stop(): Promise<void>
}

/** Where the page is. Names that end in .localhost lead to this machine (RFC 6761, 6.3), and no site may have this one. */
export const inboxHost = 'inbox.localhost'

interface Identity {
  /** Base64, 32 bytes. */
  key: string
  port: number
}

/**
 * Takes every mail that this machine's sites send, so that nothing leaves it, and shows it. Port and passwords are the same at every start, because
 * sites keep them with their mail account.
 */
export async function startInbox(dataDir: string): Promise<Inbox> {
  const file = join(dataDir, 'inbox.json')
  const { key, port: wantedPort } = await readIdentity(file)
  const store = await openStore(join(dataDir, 'inbox'))
  const passwordOf = (site: string) => createHmac('sha256', key).update(site).digest('base64url')
  const smtp = await startSmtp({ store, passwordOf, wantedPort })
  if (smtp.port !== wantedPort) await writeFile(file, JSON.stringify({ key, port: smtp.port }), { mode: 0o600 })
  return { port: smtp.port, passwordOf, routes: inboxRoutes(store, inboxHost), stop: () => smtp.stop() }
}

async function readIdentity(file: string): Promise<Identity> {
  const { key, port }: Partial<Identity> = JSON.parse((await readFile(file, 'utf8').catch(() => '')) || '{}')
  return { key: key ?? randomBytes(32).toString('base64'), port: port ?? 0 }
}
