import { createMember, ensureRoles } from '../../../src/auth/account/create-member.ts'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { asOwner, ensureTenant } from '../../../src/tenancy/lifecycle.ts'
import { builtInRoles, operatorRole } from '../../../src/tenancy/permissions.ts'
import { password, type TestApp, type TestSite } from '../../app.ts'

export const reason = 'The owner asked for help with a form'

/** The platform's own tenant, with an operator as its `owner`. */
export async function addConsole({ app, data }: Pick<TestApp, 'app' | 'data'>): Promise<TestSite> {
  const host = 'console.example'
  const id = await asOwner(data.url, (owner) => ensureTenant(owner, { slug: 'console', kind: 'platform', hosts: [host] }))
  const db = data.open({ max: 2 }).forTenant(id)
  await db.site.create({ data: { tenantId: id, name: 'The hub', locale: 'en', timeZone: 'UTC' } })
  await db.signingKey.create({ data: newSigningKey(createSecretBox(app.config.secretKeys), id) })
  await ensureRoles(db, id, [...builtInRoles, operatorRole], true)
  const email = 'operator@console.example'
  const operator = await createMember(db, app.hasher, { tenantId: id, email, name: 'Olga Operator', password, role: 'operator' })
  return { id, slug: 'console', host, owner: { id: operator, email } }
}
