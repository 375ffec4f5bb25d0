import type { Database, TenantDb } from '../db/client.ts'
import type { SecretBox } from '../security/secret-box.ts'

export interface Resealed {
  /** `table.column` */
  field: string
  /** Were under the first key already. */
  current: number
  resealed: number
  /** Left as they are: the tenant and the row, for whoever has to find the key or ask for the secret again. */
  unopened: string[]
}

/** One column that holds sealed values. */
interface SealedColumn {
  field: string
  read(db: TenantDb): Promise<{ id: string; sealed: string | null }[]>
  /** Answers how many rows still held `from`. */
  replace(db: TenantDb, row: { id: string; from: string; to: string }): Promise<{ count: number }>
}

const columns: readonly SealedColumn[] = [
  {
    field: 'auth_policies.sealed_captcha_secret',
    read: async (db) =>
      (await db.authPolicy.findMany({ select: { sealedCaptchaSecret: true } })).map((row) => ({ id: '', sealed: row.sealedCaptchaSecret })),
    replace: (db, { from, to }) => db.authPolicy.updateMany({ where: { sealedCaptchaSecret: from }, data: { sealedCaptchaSecret: to } }),
  },
  {
    field: 'mail_accounts.sealed_secret',
    read: async (db) =>
      (await db.mailAccount.findMany({ select: { sealedSecret: true } })).map(({ sealedSecret }) => ({ id: '', sealed: sealedSecret })),
    replace: (db, { from, to }) => db.mailAccount.updateMany({ where: { sealedSecret: from }, data: { sealedSecret: to } }),
  },
  {
    field: 'mail_accounts.sealed_webhook_secret',
    read: async (db) =>
      (await db.mailAccount.findMany({ select: { sealedWebhookSecret: true } })).map((row) => ({ id: '', sealed: row.sealedWebhookSecret })),
    replace: (db, { from, to }) => db.mailAccount.updateMany({ where: { sealedWebhookSecret: from }, data: { sealedWebhookSecret: to } }),
  },
  {
    field: 'mail_domains.sealed_private',
    read: async (db) =>
      (await db.mailDomain.findMany({ select: { domain: true, sealedPrivate: true } })).map((row) => ({ id: row.domain, sealed: row.sealedPrivate })),
    replace: (db, { id, from, to }) => db.mailDomain.updateMany({ where: { domain: id, sealedPrivate: from }, data: { sealedPrivate: to } }),
  },
  {
    field: 'pending_sign_ins.sealed_totp',
    read: async (db) =>
      (await db.pendingSignIn.findMany({ select: { id: true, sealedTotp: true } })).map((row) => ({ id: row.id, sealed: row.sealedTotp })),
    replace: (db, { id, from, to }) => db.pendingSignIn.updateMany({ where: { id, sealedTotp: from }, data: { sealedTotp: to } }),
  },
  {
    field: 'signing_keys.sealed_private',
    read: async (db) =>
      // Empty where it was wiped.
      (await db.signingKey.findMany({ select: { id: true, sealedPrivate: true } })).map((row) => ({ id: row.id, sealed: row.sealedPrivate || null })),
    replace: (db, { id, from, to }) => db.signingKey.updateMany({ where: { id, sealedPrivate: from }, data: { sealedPrivate: to } }),
  },
  {
    field: 'totp_factors.sealed_secret',
    read: async (db) =>
      (await db.totpFactor.findMany({ select: { id: true, sealedSecret: true } })).map((row) => ({ id: row.id, sealed: row.sealedSecret })),
    replace: (db, { id, from, to }) => db.totpFactor.updateMany({ where: { id, sealedSecret: from }, data: { sealedSecret: to } }),
  },
]

/** Columns that the ring of SECRET_KEYS seals: a test holds the list to the database. */
export const sealedFields: readonly string[] = columns.map(({ field }) => field)

/**
 * Seals what an older key of the ring sealed under the first one, site by site, so that the older key can be thrown away. The service may run
 * meanwhile: a value that somebody changed in between is left to them.
 */
export async function resealSecrets(database: Database, box: SecretBox): Promise<Resealed[]> {
  return overColumns(database, box, (column, db, row) => column.replace(db, row))
}

/** The same look, with nothing changed: `resealed` counts what would be. */
export async function checkSeals(database: Database, box: SecretBox): Promise<Resealed[]> {
  return overColumns(database, box, async () => ({ count: 1 }))
}

type Replace = (column: SealedColumn, ...args: Parameters<SealedColumn['replace']>) => Promise<{ count: number }>

async function overColumns(database: Database, box: SecretBox, replace: Replace): Promise<Resealed[]> {
  const tenants = await database.directory.tenant.findMany({ select: { id: true }, orderBy: { id: 'asc' } })
  const results: Resealed[] = []
  for (const column of columns) {
    const result: Resealed = { field: column.field, current: 0, resealed: 0, unopened: [] }
    for (const { id } of tenants) await resealTenant(database, { box, column, replace, tenantId: id }, result)
    results.push(result)
  }
  return results
}

interface Work {
  box: SecretBox
  column: SealedColumn
  replace: Replace
  tenantId: string
}

async function resealTenant(database: Database, { box, column, replace, tenantId }: Work, result: Resealed): Promise<void> {
  const db = database.forTenant(tenantId)
  const place = { tenantId, field: column.field }
  for (const { id, sealed: from } of await column.read(db)) {
    if (from === null) continue
    const plain = openOrNothing(box, from, place)
    if (plain === undefined) result.unopened.push([column.field, tenantId, id].filter(Boolean).join(' '))
    else if (!box.needsReseal(from)) result.current++
    else result.resealed += (await replace(column, db, { id, from, to: box.seal(plain, place) })).count
  }
}

function openOrNothing(box: SecretBox, sealed: string, place: { tenantId: string; field: string }): string | undefined {
  try {
    return box.open(sealed, place)
  } catch {
    return undefined
  }
}
