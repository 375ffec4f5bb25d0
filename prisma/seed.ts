import { randomBytes } from 'node:crypto'
import { createMember } from '../src/auth/account/create-member.ts'
import { createBrandFiles } from '../src/branding/files/brand-files.ts'
import type { Config } from '../src/config.ts'
import { cooperative } from '../src/content/site-templates/cooperative.ts'
import { cooperativeSamples } from '../src/content/site-templates/cooperative-samples.ts'
import { municipality } from '../src/content/site-templates/municipality.ts'
import { municipalitySamples } from '../src/content/site-templates/municipality-samples.ts'
import { type Database, openDatabase, type TenantDb } from '../src/db/client.ts'
import { createImages } from '../src/files/images.ts'
import { type Furniture, furnishSite } from '../src/provision/furnish-site.ts'
import { rolesOf } from '../src/provision/site-plans.ts'
import { createPasswordHasher, type PasswordHasher } from '../src/security/passwords/password-hasher.ts'
import { createSecretBox, type SecretBox } from '../src/security/secret-box.ts'
import type { ObjectStorage } from '../src/storage/object-storage.ts'
import { openStorage } from '../src/storage/open-storage.ts'
import { tenantStorage } from '../src/storage/tenant-storage.ts'
import { asOwner, ensureTenant } from '../src/tenancy/lifecycle.ts'
import { type BrandTools, ensureBrand } from './seed/brand.ts'
import { ensureMailAccount, type LocalMailServer } from './seed/mail-account.ts'

export interface Account {
  email: string
  /** Only of an account made by this run; undefined for one that was there. */
  password: string | undefined
  role: string
}

export interface Seeded {
  slug: string
  host: string
  accounts: Account[]
}

interface Plan extends Omit<Furniture, 'roles'> {
  slug: string
  kind: 'site' | 'platform'
  host: string
  /** File of `logos`. */
  logo?: string
  sender: string
  accounts: readonly { email: string; name: string; role: string }[]
}

const place = { locale: 'pt-ST', timeZone: 'Africa/Sao_Tome' }

const plans: readonly Plan[] = [
  {
    slug: 'camara-mezochi',
    kind: 'site',
    host: 'camara-mezochi.localhost',
    site: { name: 'Câmara Distrital de Mé-Zóchi', contactEmail: 'geral@camara-mezochi.example', ...place },
    brand: {
      shortName: 'Mé-Zóchi',
      tagline: 'O distrito, os serviços e as decisões, perto de quem cá vive',
      primaryColor: '#14532d',
      accentColor: '#ca8a04',
      surfaceColor: '#fbfaf5',
      textColor: '#1c2a21',
    },
    logo: 'camara-mezochi.png',
    sender: 'nao-responder@camara-mezochi.example',
    accounts: [
      { email: 'dona@camara-mezochi.example', name: 'Conta de exemplo: proprietária', role: 'owner' },
      { email: 'editora@camara-mezochi.example', name: 'Conta de exemplo: editora', role: 'editor' },
      { email: 'membro@camara-mezochi.example', name: 'Conta de exemplo: membro', role: 'member' },
    ],
    content: { template: municipality, samples: municipalitySamples },
  },
  {
    slug: 'cecab',
    kind: 'site',
    host: 'cecab.localhost',
    site: { name: 'CECAB-STP', contactEmail: 'geral@cecab.example', ...place },
    brand: {
      shortName: 'CECAB',
      tagline: 'Cacau biológico de São Tomé e Príncipe, das associações para o mundo',
      primaryColor: '#4a2412',
      accentColor: '#c2571a',
      surfaceColor: '#fff8ef',
      textColor: '#2b1a10',
    },
    logo: 'cecab.png',
    sender: 'nao-responder@cecab.example',
    accounts: [
      { email: 'dona@cecab.example', name: 'Conta de exemplo: proprietária', role: 'owner' },
      { email: 'editor@cecab.example', name: 'Conta de exemplo: editor', role: 'editor' },
      { email: 'membro@cecab.example', name: 'Conta de exemplo: membro', role: 'member' },
    ],
    content: { template: cooperative, samples: cooperativeSamples },
  },
  {
    slug: 'console',
    kind: 'platform',
    host: 'console.localhost',
    site: { name: 'Tenantry', locale: 'en', timeZone: 'UTC' },
    brand: {
      shortName: 'Tenantry',
      tagline: 'Where the operators of this hub sign in',
      primaryColor: '#1e293b',
      accentColor: '#0ea5e9',
      surfaceColor: '#f8fafc',
      textColor: '#0f172a',
    },
    sender: 'no-reply@console.example',
    accounts: [{ email: 'operator@console.example', name: 'Sample account: operator', role: 'operator' }],
  },
]

export interface SeedOptions {
  /** Where the sites' mail goes. Without one they have no account to send with. */
  inbox?: LocalMailServer | undefined
}

/** Two client sites and the platform's own tenant. Adds what is missing and changes nothing that is there, so it can run at every start. */
export async function seed(config: Config, onProgress: (line: string) => void, { inbox }: SeedOptions = {}): Promise<Seeded[]> {
  const { url, unpooledUrl, poolMode: mode } = config.database
  const ids = await asOwner(unpooledUrl, async (owner) => {
    const made: string[] = []
    for (const { slug, kind, host } of plans) made.push(await ensureTenant(owner, { slug, kind, hosts: [host] }))
    return made
  })
  const database = openDatabase({ url, mode, max: 4, onError: () => {} })
  const storage = await openStorage(config.storage)
  const images = createImages()
  const brandFiles = createBrandFiles(images)
  const tools = {
    database,
    storage,
    brands: { images, brandFiles },
    box: createSecretBox(config.secretKeys),
    hasher: createPasswordHasher({ concurrency: config.hashing.concurrency, queue: 100 }),
  }
  try {
    return await Promise.all(plans.map((plan, at) => furnish({ ...tools, plan, tenantId: ids[at] ?? '', inbox, onProgress })))
  } finally {
    await brandFiles.close()
    await storage.close()
    await database.close()
  }
}

interface Furnishing {
  database: Database
  storage: ObjectStorage
  brands: BrandTools
  box: SecretBox
  hasher: PasswordHasher
  plan: Plan
  tenantId: string
  inbox: LocalMailServer | undefined
  onProgress: (line: string) => void
}

async function furnish({ database, storage, brands, box, hasher, plan, tenantId, inbox, onProgress }: Furnishing): Promise<Seeded> {
  const db = database.forTenant(tenantId)
  const isNew = await db.$transaction((tx) => furnishSite(tx, box, tenantId, { ...plan, roles: rolesOf[plan.kind] }))
  if (isNew) onProgress(`seeding ${plan.site.name}`)
  else if (inbox) await ensureContact(db, plan)
  if (plan.logo) await ensureBrand({ tenantId, version: 0, db, storage: tenantStorage(storage, tenantId) }, brands, plan.logo)
  if (inbox) {
    const sender = { name: plan.site.name, address: plan.sender, replyTo: plan.site.contactEmail ?? '' }
    await ensureMailAccount({ db, box, tenantId, slug: plan.slug, sender }, inbox)
  }
  const accounts = await Promise.all(plan.accounts.map((account) => ensureAccount({ db, hasher, tenantId, account })))
  return { slug: plan.slug, host: plan.host, accounts }
}

/**
 * A site that was seeded before there was mail has no account for it; with the account that this run adds it gets what mails show. Once: what somebody
 * empties later stays empty.
 */
async function ensureContact(db: TenantDb, { site: { contactEmail } }: Plan): Promise<void> {
  if (!contactEmail || (await db.mailAccount.count()) > 0) return
  await db.site.updateMany({ where: { contactEmail: null }, data: { contactEmail } })
}

interface AccountPlan {
  db: TenantDb
  hasher: PasswordHasher
  tenantId: string
  account: Plan['accounts'][number]
}

/** The password is made here and told once: no account has a fixed one. */
async function ensureAccount({ db, hasher, tenantId, account }: AccountPlan): Promise<Account> {
  const { email, role } = account
  if (await db.member.findFirst({ where: { emailKey: email }, select: { id: true } })) return { email, role, password: undefined }
  const password = randomBytes(12).toString('base64url')
  await createMember(db, hasher, { tenantId, ...account, password })
  return { email, role, password }
}
