import type { TenantDb } from '../../src/db/client.ts'
import type { SecretBox } from '../../src/security/secret-box.ts'

/** A mail server on this machine that knows every site by its slug. */
export interface LocalMailServer {
  port: number
  passwordOf(slug: string): string
}

export interface MailAccountPlan {
  db: TenantDb
  box: SecretBox
  tenantId: string
  slug: string
  sender: { name: string; address: string; replyTo: string }
}

const host = '127.0.0.1'

/** Lets the site send by this machine's server. An account that is there is only told of a new port or password, and only where it is one of ours. */
export async function ensureMailAccount({ db, box, tenantId, slug, sender }: MailAccountPlan, { port, passwordOf }: LocalMailServer): Promise<void> {
  const place = { tenantId, field: 'mail_accounts.sealed_secret' }
  const password = passwordOf(slug)
  const there = await db.mailAccount.findFirst({ select: { host: true, port: true, username: true, sealedSecret: true } })
  if (there && (there.host !== host || there.username !== slug)) return
  if (there?.port === port && opens(box, there.sealedSecret, place) === password) return
  const settings = { port, sealedSecret: box.seal(password, place), verifiedAt: new Date() }
  if (there) {
    const closedCircuit = { failures: 0, lastFailure: null, pausedUntil: null }
    await db.mailAccount.updateMany({ data: { ...settings, ...closedCircuit, revision: { increment: 1 } } })
    return
  }
  const { name: senderName, address: senderAddress, replyTo } = sender
  const account = { provider: 'smtp', host, security: 'none', username: slug, senderName, senderAddress, replyTo }
  await db.mailAccount.create({ data: { tenantId, ...account, ...settings } })
}

/** Undefined where another key of SECRET_KEYS sealed it. */
function opens(box: SecretBox, sealed: string | null, place: { tenantId: string; field: string }): string | undefined {
  try {
    return sealed ? box.open(sealed, place) : undefined
  } catch {
    return undefined
  }
}
