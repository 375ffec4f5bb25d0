import type { TenantDb } from '../../db/client.ts'
import { type Language, languageOf } from '../../tenancy/language.ts'

/** A member as a mail of ours addresses them. */
export interface Addressee {
  to: string
  name: string
  /** The member's own, or else the site's. */
  language: Language
}

/** A member of this session: there always is one. */
export async function readAddressee(tx: Pick<TenantDb, '$queryRaw'>, memberId: string): Promise<Addressee> {
  const [member] = await tx.$queryRaw<{ to: string; name: string; locale: string | null }[]>`
    select m.email_key as "to", m.name, coalesce(m.language, s.locale) as locale
    from members m left join sites s on s.tenant_id = m.tenant_id where m.id = ${memberId}::uuid`
  if (!member) throw new TypeError('there is no such member')
  const { to, name, locale } = member
  return { to, name, language: languageOf(locale ?? '') }
}
