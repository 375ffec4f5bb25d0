import { setTimeout as delay } from 'node:timers/promises'
import type { TenantDb } from '../../db/client.ts'
import { databaseProblem } from '../../db/sql-error.ts'
import { isMailKind, type MailKindDefinition, mailKinds } from '../../jobs/mail-kinds.ts'
import { languageOf } from '../../tenancy/language.ts'
import type { ChosenAccount } from '../account/choose-account.ts'
import { type Accepted, failureReasons, MailFailure, type MailProvider, type OutgoingMail } from '../providers/provider.ts'
import { mailPause, mostAttempts } from './back-off.ts'
import { composeMail } from './compose-mail.ts'
import type { DeliveryTools } from './delivery-tools.ts'
import type { MailSite } from './mail-site.ts'
import { mintChallenge } from './mint-challenge.ts'
import { markEnded, markSent, postpone, type QueuedMail } from './outbox.ts'

/** What the mails of one turn have in common. */
export interface Sending {
  tools: DeliveryTools
  db: TenantDb
  tenantId: string
  account: ChosenAccount
  site: MailSite
  overrides: readonly { kind: string; locale: string; subject: string; body: string }[]
  suppressed: ReadonlySet<string>
  dkim: OutgoingMail['dkim']
  provider: MailProvider
  signal: AbortSignal
}

/** Sends one mail and writes down what became of it. Answers a failure that is the whole server's; this mail then waits as it was. */
export async function sendMessage(sending: Sending, mail: QueuedMail): Promise<MailFailure | undefined> {
  const { db, provider, suppressed, tools, tenantId, signal } = sending
  // A visit of the hub's own people is told, also to who was put on the list meanwhile.
  if (suppressed.has(mail.recipient) && mail.kind !== 'operator-access') return done(markEnded(db, mail.id, { status: 'suppressed' }))
  const outgoing = await compose(sending, mail).catch((error) => asUnwritable(error))
  if (outgoing instanceof MailFailure) {
    tools.onTrouble({ tenantId, mailId: mail.id, reason: 'the mail could not be written' }, outgoing.cause)
    return done(markEnded(db, mail.id, { status: 'dead', reason: outgoing.reason }))
  }
  if (outgoing === 'void') return done(markEnded(db, mail.id, { status: 'expired' }))
  const outcome = await provider.send(outgoing).catch((error) => asMailFailure(error))
  if (!(outcome instanceof MailFailure)) {
    // What the server has taken must not be forgotten because the database is away for a moment.
    return done(insist(signal, () => markSent(db, mail.id, sentAs(outgoing, outcome))))
  }
  tools.onTrouble({ tenantId, mailId: mail.id, reason: outcome.reason }, outcome.cause)
  const { account, permanent } = failureReasons[outcome.reason]
  if (account) {
    await postpone(db, mail.id, { messageRef: outgoing.messageId, reason: outcome.reason, until: new Date(), counts: false })
    return outcome
  }
  if (permanent || mail.attempts + 1 >= mostAttempts) return done(markEnded(db, mail.id, { status: 'dead', reason: outcome.reason }))
  const until = new Date(Date.now() + mailPause(mail.attempts + 1))
  return done(postpone(db, mail.id, { messageRef: outgoing.messageId, reason: outcome.reason, until, counts: true }))
}

async function compose(sending: Sending, mail: QueuedMail): Promise<OutgoingMail | 'void'> {
  const { db, tools, tenantId, account, site, overrides, dkim } = sending
  const { kind, recipient, intent, challengeId } = mail
  if (!isMailKind(kind)) throw new TypeError(`nobody knows how to write a mail of the kind ${kind}`)
  const minted = challengeId ? await mintChallenge(db, tools.challengeMint, { tenantId, id: challengeId }) : undefined
  if (challengeId && !minted) return 'void'
  const definition: MailKindDefinition = mailKinds[kind]
  const page = definition.page && `${site.origin}${definition.page}`
  const override = overrides.find((own) => own.kind === kind && own.locale === mail.locale)
  const variables = stringsOf(mail.variables)
  const { outgoing, overrideFailure } = await composeMail({
    site,
    kind,
    language: languageOf(mail.locale),
    variables,
    recipient,
    sender: kind === 'contact-notice' && variables.sender ? { ...account.sender, replyTo: variables.sender } : account.sender,
    messageId: mail.messageRef ?? `<${mail.id}@${account.sender.address.split('@')[1]}>`,
    intent: `${tenantId}/${intent}`,
    ...(page ? { link: minted ? `${page}?token=${minted.token}` : page } : {}),
    ...(minted ? { code: minted.code } : {}),
    ...(override ? { override } : {}),
    ...(dkim ? { dkim } : {}),
  })
  if (overrideFailure) await db.mailTemplate.updateMany({ where: { kind, locale: mail.locale }, data: { brokenAt: new Date() } })
  return outgoing
}

function stringsOf(variables: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(Object(variables)).map(([name, value]) => [name, String(value)]))
}

function sentAs({ messageId: messageRef }: OutgoingMail, { providerRef }: Accepted) {
  return { messageRef, providerRef }
}

/** A mail that cannot be written is its own fault, and must not stop the others; a database that is away is nobody's. */
function asUnwritable(error: unknown): MailFailure {
  if (databaseProblem(error)) throw error
  return new MailFailure('message-refused', error)
}

/** A provider answers in MailFailures only; anything else is a fault of ours, and this mail's alone. */
function asMailFailure(error: unknown): MailFailure {
  return error instanceof MailFailure ? error : new MailFailure('message-refused', error)
}

/** Again and again while the database is away. */
async function insist(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !databaseProblem(error)) throw error
      await delay(pause, undefined, { signal }).catch(() => {})
    }
  }
}

async function done(work: Promise<void>): Promise<undefined> {
  await work
}
