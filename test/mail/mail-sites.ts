import type { Database } from '../../src/db/client.ts'
import { newId } from '../../src/security/random-token.ts'
import type { TestDatabase, TestTenant } from '../database.ts'

/** Gives a new tenant all that its mail needs: names, brand, and an account at a server on this machine. */
export async function addMailSite(data: TestDatabase, database: Database, server: { port: number; host?: string }): Promise<TestTenant> {
  const tenant = await data.addTenant()
  const db = database.forTenant(tenant.id)
  const colours = { primaryColor: '#14532d', accentColor: '#ca8a04', surfaceColor: '#ffffff', textColor: '#111111' }
  const brand = { create: { shortName: tenant.slug, tagline: '', ...colours } }
  await db.site.create({ data: { tenantId: tenant.id, name: `Name of ${tenant.slug}`, locale: 'pt', timeZone: 'Africa/Sao_Tome', brand } })
  await db.mailAccount.create({ data: mailAccount(tenant.id, server) })
  return tenant
}

export function mailAccount(tenantId: string, { port, host = '127.0.0.1' }: { port: number; host?: string }) {
  const sender = { senderName: 'The site', senderAddress: 'no-reply@site.example' }
  return { tenantId, provider: 'smtp', host, port, security: 'none', ...sender, dailyCap: 1_000_000 }
}

/** Mails that nobody has to mint anything for, `count` at a time in one statement. */
export async function queueMails(database: Database, tenantId: string, count: number): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000)
  const rows = Array.from({ length: count }, (_, at) => {
    const recipient = `reader-${at}@example.test`
    return { tenantId, id: newId(), kind: 'test', recipient, locale: 'pt', variables: { requested_by: recipient }, intent: newId(), expiresAt }
  })
  await database.forTenant(tenantId).mailMessage.createMany({ data: rows })
}
