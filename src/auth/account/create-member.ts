import type { TenantDb } from '../../db/client.ts'
import { emailKey } from '../../security/email-address.ts'
import type { PasswordHasher } from '../../security/passwords/password-hasher.ts'
import { readHash } from '../../security/passwords/read-hash.ts'
import { newId } from '../../security/random-token.ts'
import type { RoleDefinition } from '../../tenancy/permissions.ts'

export interface NewMember {
  tenantId: string
  email: string
  name: string
  /** Slug of one of the tenant's roles. */
  role: string
}

/** The hash may be another system's, of any format that src/security/passwords reads; the first sign-in replaces it. */
export type NewCredentials = { password: string } | { hash: string }

/** Adds a member with a proven address. The caller decides whether it may; this is what operators and seeds use. */
export async function createMember(db: TenantDb, hasher: PasswordHasher, member: NewMember & NewCredentials): Promise<string> {
  // Hashed before the transaction: nothing slow may hold a connection.
  const hash = 'hash' in member ? member.hash : await hasher.hash(member.password)
  const id = await db.$transaction((tx) => addMember(tx, { ...member, hash }))
  if (!id) throw new TypeError('the address is taken')
  return id
}

/** The same in a transaction of the caller's. Undefined where the address is taken, also by somebody who came first this very moment. */
export async function addMember(
  tx: Pick<TenantDb, 'role' | 'member' | 'password' | 'memberRole'>,
  { tenantId, email, name, hash, role }: NewMember & { hash: string },
): Promise<string | undefined> {
  const key = emailKey(email)
  if (!key) throw new TypeError('the address is no plain e-mail address')
  // Nobody could ever sign in with it, and nothing would say why.
  if (!readHash(hash)) throw new TypeError('the hash is of no format that is read, or its costs are beyond what is done for a sign-in')
  const { id: roleId } = await tx.role.findFirstOrThrow({ where: { slug: role }, select: { id: true } })
  const id = newId()
  const { count } = await tx.member.createMany({
    data: [{ tenantId, id, email, emailKey: key, name, emailVerifiedAt: new Date() }],
    skipDuplicates: true,
  })
  if (count === 0) return undefined
  await tx.password.create({ data: { tenantId, memberId: id, hash } })
  await tx.memberRole.create({ data: { tenantId, memberId: id, roleId } })
  return id
}

/** Makes the roles that are missing; those that exist keep what their site made of them. */
export async function ensureRoles(db: Pick<TenantDb, 'role'>, tenantId: string, roles: readonly RoleDefinition[], builtIn: boolean): Promise<void> {
  await db.role.createMany({
    data: roles.map(({ slug, name, permissions }) => ({ tenantId, id: newId(), slug, name, permissions: [...permissions], builtIn })),
    skipDuplicates: true,
  })
}
