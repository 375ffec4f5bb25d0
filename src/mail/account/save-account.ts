import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import type { ProviderOpener } from '../providers/open-provider.ts'
import { type FailureReason, failureReasons, MailFailure } from '../providers/provider.ts'
import { MailAccount, secretPlace, shapeAccount } from './account.ts'
import { AccountWish, readWish, type WantedAccount } from './account-wish.ts'

export const saveAccount = defineFlow({
  schema: {
    operationId: 'saveMailAccount',
    summary: "Set the site's mail account",
    description: 'The server is connected to and signed in at first: what it does not take is not kept.',
    tags: ['mail'],
    body: AccountWish,
    response: { 200: MailAccount, ...problems(400, 401, 403, 404, 413, 415, 422, 429, 503) },
  },
  bodyLimit: 16_384,
  async handler(request, reply) {
    const { db, server, body, log } = request
    const tenantId = request.tenant.id
    refuseFor(await server.limits.mailChecks.take(tenantId))
    const stored = await db.mailAccount.findFirst()
    const { secret, ...wanted } = readWish(body, stored)
    const kept = secret === 'kept' && stored?.sealedSecret ? server.secretBox.open(stored.sealedSecret, secretPlace(tenantId)) : ''
    const plain = typeof secret === 'object' ? secret.given : kept
    await check(server.mailProviders, wanted, plain).catch((error) => {
      if (!(error instanceof MailFailure)) throw error
      log.debug({ err: error.cause, reason: error.reason }, 'a mail account was not taken')
      throw problem('MAIL_ACCOUNT_REFUSED', { issues: [{ path: faulty[error.reason], message: failureReasons[error.reason].says }] })
    })
    const sealedSecret = plain === '' ? null : server.secretBox.seal(plain, secretPlace(tenantId))
    const verifiedAt = wanted.provider === 'none' ? null : new Date()
    const data = { ...wanted, sealedSecret, verifiedAt, failures: 0, lastFailure: null, pausedUntil: null }
    const row = await db.$transaction(async (tx) => {
      await recordEvent(tx, originOf(request), { action: 'mail-account.changed', details: { provider: wanted.provider } })
      return tx.mailAccount.upsert({
        where: { tenantId },
        create: { ...data, tenantId, revision: 1 },
        update: { ...data, revision: { increment: 1 } },
      })
    })
    reply.header('cache-control', 'no-store')
    return shapeAccount(row)
  },
})

/** Where the one who filled in the form should look. */
const faulty: Record<FailureReason, string> = {
  'host-refused': '/host',
  unreachable: '/host',
  timeout: '/host',
  'tls-failed': '/security',
  'sign-in-refused': '/secret',
  'sender-refused': '/sender/address',
  'rate-limited': '/host',
  'recipient-refused': '/host',
  'message-refused': '/host',
  'try-later': '/host',
  interrupted: '/host',
}

async function check(opener: ProviderOpener, { provider, ...settings }: Omit<WantedAccount, 'secret'>, secret: string): Promise<void> {
  if (provider === 'none') return
  const { host, port, security, username } = settings
  const opened = await opener.open({ provider, host, port, security, username, secret })
  try {
    await opened.verify()
  } finally {
    opened.close()
  }
}
