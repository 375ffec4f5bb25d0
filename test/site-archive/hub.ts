import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { Test } from 'tap'
import { hostPolicyOf } from '../../src/cli/site-archive/host-policy.ts'
import { nameObjects } from '../../src/cli/site-archive/name-objects.ts'
import { loadConfig } from '../../src/config.ts'
import { sealedFields } from '../../src/platform/reseal-secrets.ts'
import type { Key, Lock } from '../../src/security/age.ts'
import { createSecretBox, type SecretBox } from '../../src/security/secret-box.ts'
import type { ArchiveSource } from '../../src/site-archive/check-archive.ts'
import type { HostPolicy } from '../../src/site-archive/choose-hosts.ts'
import { createDecrypter } from '../../src/site-archive/encryption.ts'
import { type Exported, type ExportWish, exportSite } from '../../src/site-archive/export-site.ts'
import { type Imported, importSite } from '../../src/site-archive/import-site.ts'
import type { ImportWish } from '../../src/site-archive/plan-import.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import type { ObjectStorage } from '../../src/storage/object-storage.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { asOwner } from '../../src/tenancy/lifecycle.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from '../database.ts'
import { addRows } from '../db/tenant-rows.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export const passphrase = 'a passphrase of the tests'
/** A passphrase takes a third of a second each time that it is tried, and a key does not. */
export const identity = await generateX25519Identity()
export const recipient = await identityToRecipient(identity)

export interface Hub {
  data: TestDatabase
  storage: ObjectStorage
  folder: string
  box: SecretBox
  /** As the environment has it. */
  env: Record<string, string>
  export(slug: string, wish?: Partial<ExportWish>, lock?: Lock): Promise<{ archive: Buffer; exported: Exported }>
  import(archive: Buffer | ArchiveSource, wish?: ImportWish, tools?: HubTools): Promise<Imported>
}

interface HubTools {
  storage?: ObjectStorage
  quota?: number
  signal?: AbortSignal
  hostPolicy?: HostPolicy
}

/** A database, a storage and keys of its own. */
export async function createHub(t: Test, storage?: ObjectStorage): Promise<Hub> {
  const data = await createTestDatabase(t)
  const folder = await temporaryFolder(t)
  const key = randomBytes(32)
  const box = createSecretBox([{ id: 'test', key }])
  const own = storage ?? createDiskStorage(folder)
  const seals = { box, fields: sealedFields }
  return {
    data,
    storage: own,
    folder,
    box,
    env: { DATABASE_URL: data.url, STORAGE_DIR: folder, SECRET_KEYS: `test:${key.toString('base64')}`, TENANTRY_PASSPHRASE: passphrase },
    async export(slug, wish = {}, lock = { recipients: [recipient] }) {
      let archive = Buffer.alloc(0)
      const exported = await asOwner(data.url, (owner) =>
        exportSite({ owner, storage: own, seals, naming: nameObjects, lock, release: '0.0.0' }, { slug, ...wish }, async (stream) => {
          archive = await buffer(stream)
        }),
      )
      return { archive, exported }
    },
    import: (archive, wish = {}, tools = {}) =>
      asOwner(data.url, (owner) =>
        importSite(
          { owner, storage: own, seals, naming: nameObjects, quota: 1024 ** 4, hostPolicy: hostPolicyOf(loadConfig({})), ...tools },
          'open' in archive ? archive : sourceOf(archive),
          wish,
        ),
      ),
  }
}

export function sourceOf(archive: Buffer, key: Key = { identities: [identity] }): ArchiveSource {
  const open = createDecrypter(key)
  return { open: () => open(Readable.from([archive])) }
}

/** A site with a row in every table, secrets that open, and media of which some are in the storage. */
export async function addFullSite({ data, box, storage }: Hub, slug: string): Promise<TestTenant> {
  const site = await data.addTenant({ slug, host: `${slug}.example` })
  const { id } = site
  await addRows(data.owner, id)
  for (const field of sealedFields) {
    const [table, column] = field.split('.')
    await data.owner.query(`update ${table} set ${column} = $1 where tenant_id = $2`, [box.seal(`secret of ${field}`, { tenantId: id, field }), id])
  }
  await data.owner.query('update entries set data = $2 where tenant_id = $1', [id, { photo: id }])
  await data.owner.query(`insert into hosts (tenant_id, host) values ($1, $2)`, [id, `claimed.${slug}.example`])
  await data.owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, target_kind, target) values ($1, gen_random_uuid(), 'site.restored', 'operator', 'site', $2)`,
    [id, id],
  )
  const variants = [{ name: 'w640.avif', use: 'whole', type: 'image/avif', width: 640, height: 480, size: 5 }]
  await data.owner.query(
    `update media set status = 'ready', kind = 'image', content_type = 'image/png', extension = 'png', sha256 = repeat('a', 64), width = 9, height = 9, focus_x = 0.1, focus_y = 1e-300, variants = $2 where tenant_id = $1`,
    [id, JSON.stringify(variants)],
  )
  const own = tenantStorage(storage, id)
  const files = { [`media/${id}/original`]: 'original', [`media/${id}/w640.avif`]: 'small', [`brand/${id}`]: 'font' }
  for (const [key, bytes] of Object.entries(files)) await own.put(key, Buffer.from(`${bytes} of ${slug}`), { contentType: 'image/png' })
  return site
}

/** Every row of the tenant, as text, by table; sealed values opened. */
export async function rowsOf({ data, box }: Pick<Hub, 'data' | 'box'>, tenantId: string): Promise<Record<string, string[]>> {
  const tables = await data.owner.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`,
  )
  const found: Record<string, string[]> = {}
  for (const { name } of tables.rows) {
    const { rows } = await data.owner.query<{ row: string }>(`select (t.*)::text as row from ${name} t where tenant_id = $1 order by 1`, [tenantId])
    const open = (row: string) => row.replace(/v1\.test\.[\w-]+/g, (sealed) => firstOpened(box, sealed, tenantId))
    found[name] = rows.map(({ row }) => open(row).replaceAll(tenantId, '<tenant>'))
  }
  return found
}

function firstOpened(box: SecretBox, sealed: string, tenantId: string): string {
  for (const field of sealedFields) {
    try {
      return box.open(sealed, { tenantId, field })
    } catch {}
  }
  return sealed
}

/** Every object of a storage, with what it holds. */
export async function objectsOf(storage: ObjectStorage, prefix = 'tenants/'): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { key } of storage.list(prefix)) {
    const body = await storage.read(key)
    if (body) found[key] = (await buffer(body.stream)).toString('base64')
  }
  return found
}
