import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { newSigningKey } from '../../src/auth/keys/signing-keys.ts'
import { resealSecrets, sealedFields } from '../../src/platform/reseal-secrets.ts'
import { newId } from '../../src/security/random-token.ts'
import { createSecretBox, type SecretBox } from '../../src/security/secret-box.ts'
import { runTenantry } from '../cli/run-tenantry.ts'
import { createTestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const [older, newer, lost] = [key('2025'), key('2026'), key('lost')]
const olderBox = createSecretBox([older])

/** Two sites with a value in each sealed column, under the older key. */
async function start(t: Test) {
  const data = await createTestDatabase(t)
  const database = data.open()
  const tenants = [await data.addTenant(), await data.addTenant()] as const
  for (const { id: tenantId } of tenants) {
    const db = database.forTenant(tenantId)
    const seal = (plain: string, field: string) => olderBox.seal(plain, { tenantId, field })
    const sealed = {
      sealedSecret: seal('password', 'mail_accounts.sealed_secret'),
      sealedWebhookSecret: seal('whsec_1', 'mail_accounts.sealed_webhook_secret'),
    }
    await db.mailAccount.create({ data: { tenantId, ...sealed } })
    const sealedPrivate = seal('dkim', 'mail_domains.sealed_private')
    for (const domain of ['a.example', 'b.example']) {
      await db.mailDomain.create({ data: { tenantId, domain, selector: 's1', publicKey: '', sealedPrivate } })
    }
    await db.signingKey.create({ data: newSigningKey(olderBox, tenantId) })
    const captcha = { captchaProvider: 'turnstile', captchaSiteKey: 'site key' }
    await db.authPolicy.create({ data: { tenantId, ...captcha, sealedCaptchaSecret: seal('captcha', 'auth_policies.sealed_captcha_secret') } })
    const id = newId()
    await db.member.create({ data: { tenantId, id, email: 'ana@a.example', emailKey: 'ana@a.example', name: 'Ana' } })
    const sealedTotp = seal('totp in a sign-in', 'pending_sign_ins.sealed_totp')
    const pending = { epoch: 0, methods: ['password'], secretHash: new Uint8Array(32), enrol: true, expiresAt: new Date(Date.now() + 60_000) }
    await db.pendingSignIn.create({ data: { tenantId, id, memberId: id, ...pending, sealedTotp } })
    const sealedSecret = seal('totp', 'totp_factors.sealed_secret')
    await db.totpFactor.create({ data: { tenantId, id, memberId: id, name: 'Phone', sealedSecret } })
  }
  // Sealed values of a site that was deleted are sealed values.
  await data.owner.query(`update tenants set status = 'deleted' where id = $1`, [tenants[1].id])
  return { data, database, tenants }
}

async function opened(box: SecretBox, { data }: Pick<Awaited<ReturnType<typeof start>>, 'data'>): Promise<string[]> {
  const { rows } = await data.owner.query<{ tenant_id: string; field: string; sealed: string }>(`
    select tenant_id, 'mail_accounts.sealed_secret' as field, sealed_secret as sealed from mail_accounts
    union all select tenant_id, 'mail_accounts.sealed_webhook_secret', sealed_webhook_secret from mail_accounts
    union all select tenant_id, 'mail_domains.sealed_private', sealed_private from mail_domains
    union all select tenant_id, 'signing_keys.sealed_private', sealed_private from signing_keys
    union all select tenant_id, 'auth_policies.sealed_captcha_secret', sealed_captcha_secret from auth_policies
    union all select tenant_id, 'pending_sign_ins.sealed_totp', sealed_totp from pending_sign_ins
    union all select tenant_id, 'totp_factors.sealed_secret', sealed_secret from totp_factors`)
  return rows.map(({ tenant_id: tenantId, field, sealed }) => box.open(sealed, { tenantId, field })).sort()
}

test('every sealed column of every site is under the first key afterwards, and says the same', async (t) => {
  const site = await start(t)
  const ring = createSecretBox([newer, older])
  const before = await opened(ring, site)
  t.same(await resealSecrets(site.database, ring), [
    { field: 'auth_policies.sealed_captcha_secret', current: 0, resealed: 2, unopened: [] },
    { field: 'mail_accounts.sealed_secret', current: 0, resealed: 2, unopened: [] },
    { field: 'mail_accounts.sealed_webhook_secret', current: 0, resealed: 2, unopened: [] },
    { field: 'mail_domains.sealed_private', current: 0, resealed: 4, unopened: [] },
    { field: 'pending_sign_ins.sealed_totp', current: 0, resealed: 2, unopened: [] },
    { field: 'signing_keys.sealed_private', current: 0, resealed: 2, unopened: [] },
    { field: 'totp_factors.sealed_secret', current: 0, resealed: 2, unopened: [] },
  ])
  t.same(await opened(createSecretBox([newer]), site), before, 'the older key can go')
  t.equal(before.length, 16)
  const again = await resealSecrets(site.database, ring)
  t.same(
    again.map(({ current, resealed }) => [current, resealed]),
    [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [2, 0],
      [2, 0],
      [2, 0],
    ],
    'a second time there is nothing to do',
  )
})

test('what no key opens is named and left, and the rest is done', async (t) => {
  const site = await start(t)
  const [{ id: tenantId }] = site.tenants
  const strange = createSecretBox([lost]).seal('x', { tenantId, field: 'mail_domains.sealed_private' })
  await site.data.owner.query(`update mail_domains set sealed_private = $1 where tenant_id = $2 and domain = 'b.example'`, [strange, tenantId])
  await site.data.owner.query(
    `update mail_accounts set sealed_secret = (select sealed_secret from mail_accounts where tenant_id = $1) where tenant_id = $2`,
    [site.tenants[1].id, tenantId],
  )
  const results = await resealSecrets(site.database, createSecretBox([newer, older]))
  t.same(
    results.map(({ resealed, unopened }) => [resealed, unopened]),
    [
      [2, []],
      [1, [`mail_accounts.sealed_secret ${tenantId}`]],
      [2, []],
      [3, [`mail_domains.sealed_private ${tenantId} b.example`]],
      [2, []],
      [2, []],
      [2, []],
    ],
  )
  const { rows } = await site.data.owner.query(`select sealed_private from mail_domains where tenant_id = $1 and domain = 'b.example'`, [tenantId])
  t.equal(rows[0].sealed_private, strange)
})

test('a value that was changed in between is left to whoever changed it', async (t) => {
  const { database, data, tenants } = await start(t)
  const [{ id: tenantId }] = tenants
  const ring = createSecretBox([newer, older])
  const place = { tenantId, field: 'mail_accounts.sealed_secret' }
  const changed = olderBox.seal('changed', place)
  await data.owner.query('begin')
  await data.owner.query('select from mail_accounts where tenant_id = $1 for update', [tenantId])
  const work = resealSecrets(database, ring)
  await eventually(t, 'it has read the value and waits to write it', async () => (await waiting(data.owner)) > 0)
  await data.owner.query('update mail_accounts set sealed_secret = $1 where tenant_id = $2', [changed, tenantId])
  await data.owner.query('commit')
  const secrets = (await work).find(({ field }) => field === place.field)
  t.equal(secrets?.resealed, 1, 'of two')
  const { rows } = await data.owner.query('select sealed_secret from mail_accounts where tenant_id = $1', [tenantId])
  t.equal(ring.open(rows[0].sealed_secret, place), 'changed')
})

/** Statements that wait for a lock. */
async function waiting(owner: { query(statement: string): Promise<{ rows: { n: number }[] }> }): Promise<number> {
  const { rows } = await owner.query(
    `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  )
  return rows[0]?.n ?? 0
}

test('no column that is sealed by the ring is forgotten', async (t) => {
  const { data } = await start(t)
  const { rows } = await data.owner.query<{ field: string }>(`
    select table_name || '.' || column_name as field from information_schema.columns
    where table_schema = 'public' and column_name like 'sealed\\_%' order by 1`)
  // A session's successor is sealed under a token that only the member has.
  t.same(
    rows.map(({ field }) => field).filter((field) => field !== 'sessions.sealed_successor'),
    [...sealedFields].sort(),
  )
})

test('tenantry secrets reseal tells what it did, and ends with 1 when something did not open', async (t) => {
  const { data, tenants } = await start(t)
  const ring = [newer, older].map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',')
  const run = (SECRET_KEYS: string) => runTenantry(['secrets', 'reseal'], { DATABASE_URL: data.url, SECRET_KEYS })
  const first = await run(ring)
  t.same([first.code, first.err], [0, ''])
  t.match(first.out, 'mail_accounts.sealed_secret: 0 under the first key, 2 sealed anew, 0 that no key opens\n')
  t.equal(first.out.trim().split('\n').length, sealedFields.length)
  const strange = createSecretBox([lost]).seal('x', { tenantId: tenants[0].id, field: 'mail_accounts.sealed_secret' })
  await data.owner.query('update mail_accounts set sealed_secret = $1 where tenant_id = $2', [strange, tenants[0].id])
  const second = await run(ring)
  t.equal(second.code, 1)
  t.match(second.err, `no key opens mail_accounts.sealed_secret ${tenants[0].id}`)
  const third = await run('')
  t.equal(third.code, 1)
  t.match(third.err, 'SECRET_KEYS must be set')
})
