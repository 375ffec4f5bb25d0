import { createHash, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { originOf, recordEvent } from '../../audit/record-event.ts'
import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { DomainParams, domainFields, readDomain, readSendingAccount, SenderDomain, sealedPrivatePlace, shapeDomain } from './sender-domain.ts'

const mostDomains = 20

export const saveDomain = defineFlow({
  schema: {
    operationId: 'saveMailDomain',
    summary: 'Make a signing key (DKIM) for the domain of a sender, and see what to set in its DNS',
    description: 'Where there is a key already, it stays.',
    tags: ['mail'],
    params: DomainParams,
    response: { 200: SenderDomain, ...problems(400, 401, 403, 404, 429, 503) },
  },
  async handler(request) {
    const { db, tenant, params } = request
    const { limits, secretBox } = request.server
    const domain = readDomain(params.domain)
    const account = (await readSendingAccount(db)) ?? undefined
    const known = await db.mailDomain.findFirst({ where: { domain }, select: domainFields })
    if (known) return shapeDomain(known, account)
    refuseFor(await limits.mailChecks.take(tenant.id))
    if ((await db.mailDomain.count()) >= mostDomains) {
      throw problem('REQUEST_INVALID', {
        issues: [{ path: '/domain', message: `must be one of at most ${mostDomains} domains; remove another one first` }],
      })
    }
    const key = await newDkimKey(secretBox, tenant.id)
    // Of two requests at once the first one's key stays.
    await db.$transaction(async (tx) => {
      const { count } = await tx.mailDomain.createMany({ data: [{ tenantId: tenant.id, domain, ...key }], skipDuplicates: true })
      if (count > 0)
        await recordEvent(tx, originOf(request), { action: 'mail-domain.added', target: { kind: 'mail-domain', id: domain.slice(0, 200) } })
    })
    const row = await db.mailDomain.findFirst({ where: { domain }, select: domainFields })
    if (!row) throw problem('MAIL_DOMAIN_UNKNOWN')
    return shapeDomain(row, account)
  },
})

/** RSA with 2048 bits, which every receiver can verify (RFC 8301). The selector names the key, so that two sites of one domain do not collide. */
async function newDkimKey(secretBox: SecretBox, tenantId: string) {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' })
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    selector: `t${new Date().getUTCFullYear()}-${createHash('sha256').update(publicKey).digest('hex').slice(0, 10)}`,
    publicKey: publicKey.toString('base64'),
    sealedPrivate: secretBox.seal(pem, sealedPrivatePlace(tenantId)),
  }
}
