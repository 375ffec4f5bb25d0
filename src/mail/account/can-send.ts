import type { Database } from '../../db/client.ts'

/** Whether the tenant has an account that its mails can leave through, its own or the platform's, be it that the server rests just now. */
export async function canSend({ directory, forTenant }: Database, tenantId: string): Promise<boolean> {
  const own = await forTenant(tenantId).mailAccount.findFirst({ select: { provider: true, fallback: true } })
  if (own && own.provider !== 'none') return true
  if (own?.fallback === false) return false
  const platform = await directory.tenant.findFirst({ where: { kind: 'platform', status: 'active' }, select: { id: true } })
  if (!platform || platform.id === tenantId) return false
  const relay = await forTenant(platform.id).mailAccount.findFirst({ select: { provider: true } })
  return relay !== null && relay.provider !== 'none'
}
