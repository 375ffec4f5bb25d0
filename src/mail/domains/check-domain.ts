import { problem, refuseFor } from '../../errors.ts'
import { problems } from '../../problem-schema.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { checkDns } from './dns-check.ts'
import { DomainParams, domainFields, readDomain, readSendingAccount, SenderDomain, shapeDomain } from './sender-domain.ts'

export const checkDomain = defineFlow({
  schema: {
    operationId: 'checkMailDomain',
    summary: 'Look up what the DNS of a domain says about its mail, and keep the findings',
    description: 'Once the DKIM record is found with our key, mails from the domain are signed.',
    tags: ['mail'],
    params: DomainParams,
    response: { 200: SenderDomain, ...problems(400, 401, 403, 404, 429, 503) },
  },
  async handler({ db, tenant, params, server }) {
    const domain = readDomain(params.domain)
    const row = await db.mailDomain.findFirst({ where: { domain }, select: domainFields })
    if (!row) throw problem('MAIL_DOMAIN_UNKNOWN')
    refuseFor(await server.limits.mailChecks.take(tenant.id))
    const account = (await readSendingAccount(db)) ?? undefined
    const findings = await checkDns(server.dns, row, account)
    const checkedAt = new Date()
    const answer = shapeDomain({ ...row, findings, checkedAt }, account)
    // DNS servers that are silent for a moment are no reason to stop signing.
    if (findings.dkim.state === 'unreachable') return { ...answer, signing: shapeDomain(row, account).signing }
    await db.mailDomain.updateMany({ where: { domain, selector: row.selector }, data: { findings, checkedAt } })
    return answer
  },
})
