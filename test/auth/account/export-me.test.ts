import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { writeExport } from '../../../src/auth/account/export-me.ts'
import { exportPage, exportSections } from '../../../src/auth/account/export-sections.ts'
import { newId } from '../../../src/security/random-token.ts'
import { createTestApp } from '../../app.ts'
import { createTestDatabase } from '../../database.ts'
import { addRows } from '../../db/tenant-rows.ts'
import { addConsole } from '../../platform/operators/console.ts'
import { outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { signedInCalls } from './signed-in.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { data, a, b } = tools
const { forgotPassword } = accountCalls(tools)
const { newMember, ask, proofOf, auditOf } = signedInCalls(tools)
const exported = (member: { accessToken: string }, site = a) => ask(site, member, { url: '/v1/me/export' })

t.test('everything about the member is in one file, which nobody keeps: 200', async (t) => {
  const [mine, other] = [await newMember(a, { name: 'Ana d’Alva' }), await newMember(a)]
  await forgotPassword(a, { email: mine.email })
  await forgotPassword(a, { email: other.email })
  await ask(a, mine, { method: 'POST', url: '/v1/me/email', payload: { email: 'ana@other.example' } })
  const answer = await exported(mine)
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, {
    'content-type': /^application\/json/,
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="my-account.json"',
  })
  const file = answer.json()
  t.same(Object.keys(file), ['madeAt', 'profile', ...Object.keys(exportSections)])
  t.match(file.profile, { id: mine.id, email: mine.email, name: 'Ana d’Alva', status: 'active', roles: [{ slug: 'member' }] })
  t.ok(Date.parse(file.profile.passwordSetAt))
  t.match(file.sessions, [{ methods: ['password'], address: /^198\.18\./, device: 'unknown device' }])
  t.same(
    file.mails.map(({ kind, status }: { kind: string; status: string }) => `${kind} ${status}`),
    ['reset-password queued', 'email-change-old queued'],
  )
  t.match(file.emailChanges, [{ oldEmail: mine.email, newEmail: 'ana@other.example', appliedAt: null }])
  t.match(
    file.auditEvents.map(({ action, by }: { action: string; by: string }) => `${action} ${by}`),
    ['session.opened self', 'email.change-requested self', 'member.exported self'],
  )
  t.notMatch(answer.body, other.email)
  t.notMatch(answer.body, other.id)
  t.match((await auditOf(a, mine.id)).at(-1), { action: 'member.exported', actor: mine.id })
})

/** Tables that hold something about a member: they point at one, or have a column that names one or an address. */
const tablesOfMembers = `
  select distinct c.relname as name from pg_class c join pg_attribute x on x.attrelid = c.oid and x.attnum > 0 and not x.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and (
    x.attname ~ '^(member|author|owner|actor|acting_as|created_by|invited_by|updated_by|uploaded_by|published_by|email|email_key|recipient|operator)(_id)?$'
    or exists (select 1 from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = 'members'::regclass))
  order by 1`

/** What the profile tells of. */
const profileTables = ['members', 'passwords', 'member_roles']

t.test('no table that holds something about members is forgotten, and every section shows its rows', async (t) => {
  const { owner, addTenant, open } = await createTestDatabase(t)
  const { id } = await addTenant()
  await addRows(owner, id)
  // Where the row that every test has is about somebody else.
  await owner.query(`update invitations set email_key = 'ana@example.test', invited_by = $1`, [id])
  await owner.query('update api_keys set created_by = $1', [id])
  await owner.query('update media set created_by = $1', [id])
  await owner.query('update brand_drafts set updated_by = $1', [id])
  await owner.query('update brand_publications set published_by = $1', [id])
  const told = new Set([...profileTables, ...Object.values(exportSections).flatMap(({ tables }) => tables)])
  const { rows } = await owner.query<{ name: string }>(tablesOfMembers)
  t.ok(rows.length > 15, 'control: tables are found')
  for (const { name } of rows) t.ok(told.has(name), `src/auth/account/export-sections.ts tells of ${name}`)
  t.same(
    [...told].filter((name) => !rows.some((row) => row.name === name)),
    [],
    'and of none that is not there',
  )
  const file = JSON.parse(await text(Readable.from(writeExport(open().forTenant(id), id))))
  for (const name of Object.keys(exportSections)) t.equal(file[name].length, 1, name)
})

t.test('no secret is in it, nor what one could be guessed from', async (t) => {
  const { owner, addTenant, open } = await createTestDatabase(t)
  const { id } = await addTenant()
  await addRows(owner, id)
  const secret = Buffer.from('a secret of the member')
  for (const statement of [
    'update passwords set hash = encode($1::bytea, $2)',
    'update sessions set refresh_hash = $1, previous_hash = $1, sealed_successor = $1 where $2 <> $3',
    'update email_challenges set token_hash = $1, code_hash = $1, payload = jsonb_build_object($2::text, encode($1::bytea, $2))',
    'update totp_factors set sealed_secret = encode($1::bytea, $2)',
    'update recovery_codes set salt = $1, hash = $1 where $2 <> $3',
    'update pending_sign_ins set secret_hash = $1, sealed_totp = encode($1::bytea, $2)',
    'update operator_entries set token_hash = $1 where $2 <> $3',
    'update api_keys set secret_hash = $1, created_by = tenant_id where $2 <> $3',
    'update passkeys set public_key = $1, credential = $1 where $2 <> $3',
  ]) {
    const values = [secret, 'hex', ''].slice(0, statement.includes('$3') ? 3 : 2)
    t.equal((await owner.query(statement, values)).rowCount, 1, statement)
  }
  const file = await text(Readable.from(writeExport(open().forTenant(id), id)))
  for (const form of [secret.toString('hex'), secret.toString('base64').slice(0, 20), secret.toString(), [...secret.subarray(0, 5)].join()])
    t.notMatch(file, form)
  t.notMatch(file, /"(hash|token|secret|sealed|payload|salt)/i)
})

t.test('however much there is, every row is in it once', async (t) => {
  const mine = await newMember(a)
  const many = 2 * exportPage + 1
  const ids = Array.from({ length: many }, () => newId())
  await data.owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, actor, details)
     select $1, id::uuid, 'session.opened', 'member', $2, jsonb_build_object('number', n) from unnest($3::text[]) with ordinality as x (id, n)`,
    [a.id, mine.id, ids],
  )
  const file = (await exported(mine)).json()
  const numbers = file.auditEvents.map(({ details }: { details: { number?: number } }) => details.number).filter(Boolean)
  numbers.sort((one: number, other: number) => one - other)
  t.same(
    numbers,
    Array.from({ length: many }, (_, at) => at + 1),
  )
})

t.test('of what others did to the member it tells what, and not from where', async (t) => {
  const mine = await newMember(a)
  await data.owner.query(
    `insert into audit_events (tenant_id, id, action, actor_kind, actor, target_kind, target, address, user_agent)
     values ($1, $2, 'member.roles-changed', 'member', $3, 'member', $4, '203.0.113.7', 'Their browser')`,
    [a.id, newId(), a.owner.id, mine.id],
  )
  const answer = await exported(mine)
  t.match(answer.json().auditEvents[1], { action: 'member.roles-changed', by: 'member' })
  for (const theirs of ['203.0.113.7', 'Their browser', a.owner.id]) t.notMatch(answer.body, theirs)
})

t.test('a fault before the first row is a problem, and one half-way a file that ends in the middle', async (t) => {
  const mine = await newMember(a)
  await data.owner.query('alter table passwords rename to passwords_away')
  t.equal(outcome(await exported(mine)), '500 INTERNAL')
  await data.owner.query('alter table passwords_away rename to passwords')
  await data.owner.query('alter table passkeys rename to passkeys_away')
  const half = await exported(mine).catch((error) => error)
  await data.owner.query('alter table passkeys_away rename to passkeys')
  t.throws(() => half.json())
  t.equal(outcome({ ...(await exported(mine)), body: '' }), '200', 'control')
})

t.test('it takes a session of this site with a recent proof: 401 and 403 AUTH_PROOF_NEEDED; no operator: 403', async (t) => {
  const mine = await newMember(a)
  t.equal(outcome(await exported(mine, b)), '401 AUTH_TOKEN_INVALID')
  await proofOf(mine, 601)
  t.equal(outcome(await exported(mine)), '403 AUTH_PROOF_NEEDED')
  await proofOf(mine, 590)
  t.equal((await exported(mine)).statusCode, 200, 'control')
  await data.owner.query('update sessions set operator = $2 where member_id = $1', [mine.id, (await addConsole(tools)).owner.id])
  t.equal(outcome(await exported(mine)), '403 AUTH_OPERATOR_REFUSED')
})
