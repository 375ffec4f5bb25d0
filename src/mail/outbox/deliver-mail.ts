import type { TenantDb } from '../../db/client.ts'
import { readTenant } from '../../tenancy/read-tenant.ts'
import { type ChosenAccount, chooseAccount } from '../account/choose-account.ts'
import { dkimFor } from '../domains/sender-domain.ts'
import { type FailureReason, MailFailure } from '../providers/provider.ts'
import { lanes } from '../providers/provider-pool.ts'
import { suppressedAmong } from '../suppressions/suppression.ts'
import { breakCircuit, closeCircuit } from './circuit.ts'
import type { DeliveryTools } from './delivery-tools.ts'
import { readMailSite } from './mail-site.ts'
import { dueMail, giveUpOnLate, nextDue, type QueuedMail, sentToday } from './outbox.ts'
import { type Sending, sendMessage } from './send-message.ts'

/** A turn ends after so many mails or milliseconds: then it is another site's. */
const turnMails = 50
const turnTime = 2_000
const batch = 25
const whileSuspended = 10 * 60_000
const withoutAccount = 5 * 60_000

/**
 * One turn of one site: sends what is due, and answers when the next turn should be, if there is anything left. The caller sees to it that no two
 * turns of a site overlap. Throws only for what is no fault of the mail server: then the queue tries again.
 */
export async function deliverMail(tools: DeliveryTools, tenantId: string, signal: AbortSignal): Promise<Date | undefined> {
  const { database } = tools
  const tenant = await readTenant(database, { id: tenantId })
  if (!tenant) return undefined
  if (tenant.status === 'suspended') return after(whileSuspended)
  const db = database.forTenant(tenantId)
  await giveUpOnLate(db)
  if ((await dueMail(db, 1)).length === 0) return nextDue(db)
  const account = await chooseAccount(tools, tenant)
  if (!account) return whenAccountIsBack(db)
  const left = account.dailyCap - (await sentToday(db))
  if (left <= 0) return midnight()
  return turn(tools, { account, tenantId, db, signal, left, site: await readMailSite(db, tenant, tools.publicOrigin) })
}

interface Turn {
  account: ChosenAccount
  tenantId: string
  db: TenantDb
  signal: AbortSignal
  /** Mails that today's cap still lets through. */
  left: number
  site: Sending['site']
}

async function turn(tools: DeliveryTools, { account, tenantId, db, signal, left, site }: Turn): Promise<Date | undefined> {
  const { database, providers } = tools
  const broken = async (reason: FailureReason, cause: unknown) => {
    tools.onTrouble({ tenantId, reason }, cause)
    await breakCircuit(database, account, reason)
    // The next turn may have another account to send with.
    return new Date()
  }
  const taken = await providers.take(account).catch((error) => asFailure(error))
  if (taken instanceof MailFailure) return broken(taken.reason, taken.cause)
  let sent = 0
  try {
    const ends = Date.now() + turnTime
    const most = Math.min(turnMails, left)
    const overrides = await db.mailTemplate.findMany({ select: { kind: true, locale: true, subject: true, body: true } })
    const dkim = await signingKey(tools, account)
    const common = { tools, db, tenantId, account, site, overrides, dkim, signal, provider: taken.provider }
    while (sent < most && Date.now() < ends && !signal.aborted) {
      const due = await dueMail(db, Math.min(batch, most - sent))
      if (due.length === 0) break
      // A server that failed is asked with one mail first.
      const [some, width] = account.failures > 0 && sent === 0 ? [due.slice(0, 1), 1] : [due, lanes]
      const failure = await sendBatch(common, some, width)
      if (failure) return broken(failure.reason, failure.cause)
      if (sent === 0 && account.failures > 0) await closeCircuit(database, account)
      sent += some.length
    }
  } finally {
    taken.release()
  }
  return sent >= left ? midnight() : nextDue(db)
}

/** Of whoever's address it is that the mail comes from. A provider signs by itself. */
async function signingKey({ database, secretBox }: DeliveryTools, { settings, sender, accountTenantId }: ChosenAccount): Promise<Sending['dkim']> {
  if (settings.provider !== 'smtp') return undefined
  return dkimFor(database.forTenant(accountTenantId), secretBox, accountTenantId, sender.address)
}

/** Sends some mails, several at once. Answers the failure of the server as a whole, after which no further one was begun. */
async function sendBatch(sending: Omit<Sending, 'suppressed'>, mails: QueuedMail[], width: number): Promise<MailFailure | undefined> {
  const suppressed = await suppressedAmong(
    sending.db,
    mails.map(({ recipient }) => recipient),
  )
  const waiting = [...mails]
  let failure: MailFailure | undefined
  const lane = async () => {
    for (let mail = waiting.shift(); mail && !failure && !sending.signal.aborted; mail = waiting.shift()) {
      const found = await sendMessage({ ...sending, suppressed }, mail)
      failure ??= found
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
  return failure
}

function asFailure(error: unknown): MailFailure {
  if (error instanceof MailFailure) return error
  throw error
}

async function whenAccountIsBack(db: TenantDb): Promise<Date> {
  const own = await db.mailAccount.findFirst({ select: { pausedUntil: true } })
  const paused = own?.pausedUntil?.getTime() ?? 0
  return paused > Date.now() ? new Date(Math.min(paused, Date.now() + withoutAccount)) : after(withoutAccount)
}

function after(milliseconds: number): Date {
  return new Date(Date.now() + milliseconds)
}

function midnight(): Date {
  const next = new Date()
  next.setUTCHours(24, 0, 0, 0)
  return next
}
