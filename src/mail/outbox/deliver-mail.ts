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
import { dueMail, giveUpOnLate, isOfForm, nextDue, type QueuedMail, type Share, sentToday } from './outbox.ts'
import { countRelayed } from './relay-count.ts'
import { type Sending, sendMessage } from './send-message.ts'

/** A turn ends after so many mails or milliseconds: then it is another site's. */
const turnMails = 50
const turnTime = 2_000
const batch = 25
const whileSuspended = 10 * 60_000
const withoutAccount = 60_000

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
  if ((await dueMail(db, { all: 1, forms: 1 })).length === 0) return nextDue(db)
  const account = await chooseAccount(tools, tenant)
  if (!account) return whenAccountIsBack(db)
  const left = whatIsLeft(account, await sentToday(db))
  if ((await dueMail(db, { all: Math.min(1, left.all), forms: left.forms })).length === 0) return untilMore(db)
  return turn(tools, { account, tenantId, db, signal, left, site: await readMailSite(db, tenant, tools.publicOrigin) })
}

interface Turn {
  account: ChosenAccount
  tenantId: string
  db: TenantDb
  signal: AbortSignal
  /** Mails that today's cap still lets through. */
  left: Share
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
  let forms = 0
  try {
    const most = Math.min(turnMails, left.all)
    const overrides = await db.mailTemplate.findMany({ select: { kind: true, locale: true, subject: true, body: true } })
    const dkim = await signingKey(tools, account)
    const common = { tools, db, tenantId, account, site, overrides, dkim, signal, provider: taken.provider }
    const ends = Date.now() + turnTime
    while (sent < most && Date.now() < ends && !signal.aborted) {
      const due = await dueMail(db, { all: Math.min(batch, most - sent), forms: left.forms - forms })
      if (due.length === 0) break
      // A server that failed is asked with one mail first.
      const [some, width] = account.failures > 0 && sent === 0 ? [due.slice(0, 1), 1] : [due, lanes]
      const failure = await sendBatch(common, some, { width, ends })
      if (failure) return broken(failure.reason, failure.cause)
      if (sent === 0 && account.failures > 0) await closeCircuit(database, account)
      sent += some.length
      forms += some.filter(isOfForm).length
    }
  } finally {
    taken.release()
    if (account.by === 'platform' && sent > 0) await countRelayed(database, account, sent)
  }
  return nextDue(db)
}

/** Half of a day's mails are kept for accounts: whoever fills the contact form a thousand times must not keep members from their password. */
function whatIsLeft({ dailyCap, relayLeft }: ChosenAccount, today: Share): Share {
  return { all: Math.max(0, Math.min(dailyCap - today.all, relayLeft)), forms: Math.max(0, Math.floor(dailyCap / 2) - today.forms) }
}

/** Of whoever's address it is that the mail comes from. A provider signs by itself. */
async function signingKey({ database, secretBox }: DeliveryTools, { settings, sender, accountTenantId }: ChosenAccount): Promise<Sending['dkim']> {
  if (settings.provider !== 'smtp') return undefined
  return dkimFor(database.forTenant(accountTenantId), secretBox, accountTenantId, sender.address)
}

/** Sends some mails, several at once. Answers the failure of the server as a whole, after which no further one was begun. */
async function sendBatch(sending: Omit<Sending, 'suppressed'>, mails: QueuedMail[], { width, ends }: Pace): Promise<MailFailure | undefined> {
  const suppressed = await suppressedAmong(
    sending.db,
    mails.map(({ recipient }) => recipient),
  )
  const waiting = [...mails]
  let failure: MailFailure | undefined
  let thrown: unknown
  const lane = async () => {
    for (let mail = waiting.shift(); mail && !failure && !thrown; mail = waiting.shift()) {
      const found = await sendMessage({ ...sending, suppressed }, mail).catch((error) => {
        thrown ??= error
      })
      failure ??= found ?? undefined
      if (sending.signal.aborted || Date.now() > ends) return
    }
  }
  // All have come to an end before the turn does: else another turn would send what these still have in hand.
  await Promise.all(Array.from({ length: width }, lane))
  if (thrown) throw thrown
  return failure
}

interface Pace {
  /** Mails at once. */
  width: number
  /** No further mail is begun after that. */
  ends: number
}

function asFailure(error: unknown): MailFailure {
  if (error instanceof MailFailure) return error
  throw error
}

/** Tomorrow, or when the account of its own is back that the platform's has stood in for. */
async function untilMore(db: TenantDb): Promise<Date> {
  const own = await db.mailAccount.findFirst({ select: { provider: true, pausedUntil: true } })
  const back = own && own.provider !== 'none' ? own.pausedUntil : null
  const tomorrow = midnight()
  return back && back > new Date() && back < tomorrow ? back : tomorrow
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
