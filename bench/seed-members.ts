import pg from 'pg'
import { newSigningKey } from '../src/auth/keys/signing-keys.ts'
import type { Config } from '../src/config.ts'
import { createPasswordHasher } from '../src/security/passwords/password-hasher.ts'
import { createSecretBox } from '../src/security/secret-box.ts'

const domain = 'members.bench.example'

/** Addresses spread evenly over all that the site has. */
export const emailsOf = (members: number, some: number) =>
  Array.from({ length: some }, (_, at) => `m${1 + Math.floor((at * members) / some)}@${domain}`)

/** A site that has nobody yet gets so many members, all of one password. */
export async function seedMembers(config: Config, { tenantId, members, password }: { tenantId: string; members: number; password: string }) {
  const owner = new pg.Client({ connectionString: config.database.unpooledUrl })
  await owner.connect()
  try {
    await owner.query("set session_replication_role = 'replica'")
    const { id, publicJwk, sealedPrivate } = newSigningKey(createSecretBox(config.secretKeys), tenantId)
    await owner.query('insert into signing_keys (tenant_id, id, public_jwk, sealed_private) values ($1, $2, $3, $4)', [
      tenantId,
      id,
      publicJwk,
      sealedPrivate,
    ])
    await owner.query(
      `insert into roles (tenant_id, id, slug, name, permissions, built_in) values ($1, gen_random_uuid(), 'member', 'Member', '{}', true)`,
      [tenantId],
    )
    await owner.query(
      `insert into members (tenant_id, id, email, email_key, name)
       select $1, gen_random_uuid(), 'm' || n || $3, 'm' || n || $3, 'Member of the bench' from generate_series(1, $2::int) n`,
      [tenantId, members, `@${domain}`],
    )
    const hash = await createPasswordHasher({ concurrency: 1, queue: 1 }).hash(password)
    await owner.query('insert into passwords (tenant_id, member_id, hash) select tenant_id, id, $2 from members where tenant_id = $1', [
      tenantId,
      hash,
    ])
    await owner.query(
      'insert into member_roles (tenant_id, member_id, role_id) select m.tenant_id, m.id, r.id from members m join roles r using (tenant_id) where tenant_id = $1',
      [tenantId],
    )
    await owner.query('analyze members, passwords, member_roles')
  } finally {
    await owner.end()
  }
}
