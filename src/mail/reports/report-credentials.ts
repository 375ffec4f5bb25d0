import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { clientNetwork } from '../../security/client-network.ts'
import type { SecretPlace } from '../../security/secret-box.ts'

/** For the route of delivery reports: asks for the site's token before the body is read. */
export async function requireReportToken(request: FastifyRequest): Promise<void> {
  const token = /^Bearer ([\w-]{43})$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const account = await request.db.mailAccount.findFirst({ select: { reportTokenHash: true } })
  // A site without a token costs the same.
  const wanted = account?.reportTokenHash ?? Buffer.alloc(32)
  if (!timingSafeEqual(hashReportToken(token), wanted) || !account?.reportTokenHash) throw await refused(request)
}

export function hashReportToken(token: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(token).digest()
}

export function webhookSecretPlace(tenantId: string): SecretPlace {
  return { tenantId, field: 'mail_accounts.sealed_webhook_secret' }
}

const tolerance = 5 * 60

/** Checks a webhook as Svix signs it: HMAC-SHA-256 over id, time and body; several signatures while the secret is exchanged. */
export async function requireWebhookSignature(request: FastifyRequest, body: Uint8Array): Promise<void> {
  const [id, time, signatures] = ['svix-id', 'svix-timestamp', 'svix-signature'].map((name) => String(request.headers[name] ?? ''))
  const account = await request.db.mailAccount.findFirst({ select: { sealedWebhookSecret: true } })
  const sealed = account?.sealedWebhookSecret
  const secret = sealed ? request.server.secretBox.open(sealed, webhookSecretPlace(request.tenant.id)) : 'whsec_'
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const wanted = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest()
  const fits = (signatures ?? '').split(' ', 10).some((text) => isSame(text, wanted))
  const age = Math.abs(Date.now() / 1000 - Number(time))
  if (!fits || !sealed || !/^\d{1,12}$/.test(time ?? '') || age > tolerance) throw await refused(request)
}

function isSame(text: string, wanted: Buffer): boolean {
  const given = Buffer.from(text.startsWith('v1,') ? text.slice(3) : '', 'base64')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Only failures are counted: bounces come in bursts. */
async function refused({ server, tenant, ip }: FastifyRequest): Promise<Error> {
  const wait = await server.limits.accountRequests.take(`${tenant.id} mail report ${clientNetwork(ip)}`)
  return wait > 0 ? problem('RATE_LIMITED', { retryAfter: wait }) : problem('MAIL_REPORT_REFUSED')
}
