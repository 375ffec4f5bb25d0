import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { seed } from '../prisma/seed.ts'
import { loadConfig } from '../src/config.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { createTestDatabase } from './database.ts'
import { temporaryFolder } from './temporary-folder.ts'

const slugs = ['camara-mezochi', 'cecab', 'console']

async function setUp(t: Test) {
  const data = await createTestDatabase(t)
  const STORAGE_DIR = await temporaryFolder(t)
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: data.url, STORAGE_DIR, SECRET_KEYS: `t:${randomBytes(32).toString('base64')}` })
  const box = createSecretBox(config.secretKeys)
  return {
    data,
    seedWith: (inbox?: { port: number; passwordOf(slug: string): string }) => seed(config, () => {}, { inbox }),
    async accounts() {
      const { rows } = await data.owner.query('select t.slug, a.* from mail_accounts a join tenants t on t.id = a.tenant_id order by t.slug')
      return rows.map(({ tenant_id: tenantId, sealed_secret: sealed, ...row }) => ({
        ...row,
        password: box.open(sealed, { tenantId, field: 'mail_accounts.sealed_secret' }),
      }))
    },
  }
}

const first = { port: 2501, passwordOf: (slug: string) => `first ${slug}` }

t.test('each site gets an account on the inbox, with its own name, address and password', async (t) => {
  const { seedWith, accounts } = await setUp(t)
  await seedWith(first)
  const common = { provider: 'smtp', host: '127.0.0.1', port: 2501, security: 'none', revision: 0, verified_at: Date }
  const rows = await accounts()
  t.match(rows, [
    {
      ...common,
      username: 'camara-mezochi',
      password: 'first camara-mezochi',
      sender_name: 'Câmara Distrital de Mé-Zóchi',
      sender_address: 'nao-responder@camara-mezochi.example',
      reply_to: 'geral@camara-mezochi.example',
    },
    { ...common, username: 'cecab', password: 'first cecab', sender_name: 'CECAB-STP', sender_address: 'nao-responder@cecab.example' },
    { ...common, username: 'console', password: 'first console', sender_name: 'Tenantry', sender_address: 'no-reply@console.example' },
  ])
  await seedWith(first)
  t.same(await accounts(), rows, 'a second run changes nothing')
})

t.test('without an inbox no site has an account, and one that comes later is added', async (t) => {
  const { seedWith, accounts } = await setUp(t)
  await seedWith()
  t.same(await accounts(), [])
  await seedWith(first)
  t.equal((await accounts()).length, 3)
})

t.test('an inbox on another port, or with other passwords, is told to the accounts, once', async (t) => {
  const { data, seedWith, accounts } = await setUp(t)
  await seedWith(first)
  await data.owner.query(`update mail_accounts set failures = 5, last_failure = 'unreachable', paused_until = now() + interval '1 hour'`)
  const moved = { ...first, port: 2502 }
  await seedWith(moved)
  await seedWith(moved)
  const changed = { failures: 0, last_failure: null, paused_until: null, port: 2502, revision: 1 }
  t.match(
    await accounts(),
    slugs.map((slug) => ({ ...changed, password: `first ${slug}` })),
  )
  await seedWith({ port: 2502, passwordOf: (slug) => `second ${slug}` })
  t.match(
    await accounts(),
    slugs.map((slug) => ({ port: 2502, revision: 2, password: `second ${slug}` })),
  )
})

t.test('an account that somebody led to another server or user is left alone', async (t) => {
  const { data, seedWith, accounts } = await setUp(t)
  await seedWith(first)
  await data.owner.query(`update mail_accounts set host = 'smtp.provider.example', port = 587 where username = 'cecab'`)
  await data.owner.query(`update mail_accounts set username = 'relay' where username = 'console'`)
  await seedWith({ port: 2502, passwordOf: () => 'other' })
  t.match(await accounts(), [
    { slug: 'camara-mezochi', port: 2502, password: 'other' },
    { slug: 'cecab', host: 'smtp.provider.example', port: 587, revision: 0, password: 'first cecab' },
    { slug: 'console', username: 'relay', port: 2501, revision: 0, password: 'first console' },
  ])
})

t.test('a logo comes with a site, a contact address also with its first mail account, and neither comes back', async (t) => {
  const { data, seedWith } = await setUp(t)
  const read = async () => {
    const query = `select slug, contact_email, logo_png from sites s join brands b using (tenant_id) join tenants t on t.id = tenant_id order by slug`
    return (await data.owner.query<{ contact_email: string | null; logo_png: Buffer | null }>(query)).rows
  }
  await seedWith()
  const made = await read()
  t.same(
    made.map(({ contact_email }) => contact_email),
    ['geral@camara-mezochi.example', 'geral@cecab.example', null],
  )
  const [one, two, none] = made.map(({ logo_png }) => logo_png)
  for (const logo of [one, two]) {
    t.equal(logo?.subarray(0, 8).toString('latin1'), '\u0089PNG\r\n\u001a\n')
    t.ok(logo && logo.length < 10_000)
  }
  t.notSame(one, two)
  t.equal(none, null)

  const empty = async () => {
    await data.owner.query('update brands set logo_png = null')
    await data.owner.query('update sites set contact_email = null')
  }
  const addresses = async () => (await read()).map(({ contact_email }) => contact_email)
  const nothing = [null, null, null]
  // As a database has it that was seeded before there was mail: no account either.
  await empty()
  await seedWith()
  t.same(await addresses(), nothing, 'where there is no mail there is nothing to add')
  await seedWith(first)
  t.same(
    await addresses(),
    made.map(({ contact_email }) => contact_email),
  )
  t.same(
    (await read()).map(({ logo_png }) => logo_png),
    nothing,
    'a brand is published once',
  )

  await empty()
  await seedWith(first)
  t.same(await addresses(), nothing, 'what somebody emptied since stays empty')
})

t.test('a logo and a contact address of the site’s own are kept, also by the run that adds mail', async (t) => {
  const { data, seedWith } = await setUp(t)
  await seedWith()
  const own = Buffer.from('own')
  await data.owner.query('update brands set logo_png = $1', [own])
  await data.owner.query(`update sites set contact_email = 'own@mail.example'`)
  for (let run = 0; run < 2; run++) await seedWith(first)
  const { rows } = await data.owner.query('select contact_email, logo_png from sites join brands using (tenant_id)')
  t.same(
    rows,
    slugs.map(() => ({ contact_email: 'own@mail.example', logo_png: own })),
  )
})
