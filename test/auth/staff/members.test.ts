import t from 'tap'
import { newId } from '../../../src/security/random-token.ts'
import { password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { outcome } from '../auth-calls.ts'
import { createStaffApp } from './staff-calls.ts'

const { a, b, data, dbOf, enter, addPerson, personWith, addPlatform, eventsOf, memberRow, me, refresh, signIn, mailsTo } = await createStaffApp(t)
const owner = await enter(a, a.owner)
const reader = await personWith(a, 'members:read')

t.test('a list answers 200 with members newest first, in pages that leave none out', async (t) => {
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: { items: { id: string }[]; next: string | null } = (
      await reader.ask('GET', `/v1/members?limit=2${next ? `&after=${next}` : ''}`)
    ).json()
    seen.push(...page.items.map(({ id }: { id: string }) => id))
    next = page.next
  }
  const { rows } = await data.owner.query('select id from members where tenant_id = $1 order by id desc', [a.id])
  t.same(
    seen,
    rows.map(({ id }) => id),
  )
  t.ok(seen.length >= 2)
})

t.test('a cursor of another filter or site answers 400 CURSOR_INVALID', async (t) => {
  const { next } = (await reader.ask('GET', '/v1/members?limit=1')).json()
  t.equal((await reader.ask('GET', `/v1/members?after=${next}`)).statusCode, 200, 'control')
  t.equal(outcome(await reader.ask('GET', `/v1/members?status=active&after=${next}`)), '400 CURSOR_INVALID')
  t.equal(outcome(await (await enter(b, b.owner)).ask('GET', `/v1/members?after=${next}`)), '400 CURSOR_INVALID')
})

t.test('a search finds by the beginning of a name or address, in any case and width, and takes no wildcards', async (t) => {
  const angelo = await addPerson(a, 'member', 'Ângelo 100% d’Alva')
  const found = async (query: string) => (await reader.ask('GET', `/v1/members?${query}`)).json().items.map(({ id }: { id: string }) => id)
  for (const search of ['ângelo', 'ÂNGELO 100%', 'Ａ\u0302ngelo', angelo.email.slice(0, 9).toUpperCase(), angelo.email]) {
    t.ok((await found(`search=${encodeURIComponent(search)}`)).includes(angelo.id), search)
  }
  for (const search of ['%', '_', 'gelo', 'ângelo 100_', '\\', "'"]) {
    t.notOk((await found(`search=${encodeURIComponent(search)}`)).includes(angelo.id), search)
  }
  t.same(await found(`search=${angelo.email}&role=owner`), [])
  t.same(await found(`search=${angelo.email}&role=member&status=active`), [angelo.id])
  t.same(await found(`search=${angelo.email}&status=deactivated`), [])
  t.same(await found('role=owner'), [a.owner.id])
  t.same(await found('role=nobody-has-it'), [])
  for (const bad of ['status=gone', 'role=A', 'limit=0', 'limit=101', 'search=', `search=${'x'.repeat(101)}`, 'tenantId=x', 'search=%00']) {
    t.equal(outcome(await reader.ask('GET', `/v1/members?${bad}`)), '400 REQUEST_INVALID', bad)
  }
})

t.test('a search is worked out by the indexes under row-level security', async (t) => {
  await data.owner.query(
    `insert into members (tenant_id, id, email, email_key, name) select $1, gen_random_uuid(), 'm' || n || '@bulk.example', 'm' || n || '@bulk.example',
     'Bulk ' || n from generate_series(1, 20000) n`,
    [b.id],
  )
  await data.owner.query('analyze members')
  const lines = await dbOf(b).$queryRaw<Record<string, string>[]>`explain select m.id from members m
    where ((m.email_key collate "C" >= 'm777' and m.email_key collate "C" < 'm778') or (m.name_key collate "C" >= 'm777' and m.name_key collate "C" < 'm778'))
    order by m.id desc limit 20`
  const text = lines.map((line) => line['QUERY PLAN']).join('\n')
  t.match(text, 'members_tenant_id_email_key_idx')
  t.match(text, 'members_tenant_id_name_key_idx')
  t.notMatch(text, 'Seq Scan')
  const keeper = await enter(b, b.owner)
  t.equal((await keeper.ask('GET', '/v1/members?search=m777&limit=100')).json().items.length, 11)
  await data.owner.query(`delete from members where tenant_id = $1 and email_key like '%@bulk.example'`, [b.id])
})

t.test('a member answers 200 with roles, status, when last seen and whether a second factor is set up', async (t) => {
  const person = await addPerson(a, 'editor')
  const ask = async () => (await reader.ask('GET', `/v1/members/${person.id}`)).json()
  const { lastSeenAt, createdAt, ...rest } = await ask()
  t.same(rest, { id: person.id, email: person.email, name: 'Somebody', status: 'active', roles: ['editor'], secondFactor: false })
  t.ok(Date.parse(lastSeenAt) >= Date.parse(createdAt))
  const factor = { tenantId: a.id, id: newId(), memberId: person.id, name: 'Phone', sealedSecret: 'sealed' }
  await dbOf(a).totpFactor.create({ data: factor })
  t.equal((await ask()).secondFactor, false, 'one that was never confirmed is none')
  await dbOf(a).totpFactor.updateMany({ where: { id: factor.id }, data: { confirmedAt: new Date() } })
  t.equal((await ask()).secondFactor, true)
  await dbOf(a).session.updateMany({ where: { memberId: person.id }, data: { operator: newId() } })
  t.equal((await ask()).lastSeenAt, null, 'an operator in their place does not make them seen')
  for (const id of [newId(), b.owner.id, 'x', '../me']) {
    t.equal(outcome(await reader.ask('GET', `/v1/members/${encodeURIComponent(id)}`)), '404 MEMBER_UNKNOWN', id)
  }
})

t.test('new roles act at once and on every copy, and the audit log names them', async (t) => {
  const person = await addPerson(a, 'member')
  const slug = 'editor'
  t.equal(outcome(await person.ask('GET', '/v1/members')), '403 AUTH_FORBIDDEN')
  const answer = await owner.ask('PUT', `/v1/members/${person.id}/roles`, { roles: [slug, 'admin'] })
  t.equal(answer.statusCode, 200)
  t.same(answer.json().roles, ['admin', 'editor'])
  await eventually(t, 'the new role counts', async () => (await person.ask('GET', '/v1/members')).statusCode === 200)
  t.same((await owner.ask('PUT', `/v1/members/${person.id}/roles`, { roles: [] })).json().roles, [])
  await eventually(t, 'and no more', async () => (await person.ask('GET', '/v1/members')).statusCode === 403)
  await owner.ask('PUT', `/v1/members/${person.id}/roles`, { roles: [] })
  const events = await eventsOf(a, person.id)
  t.equal(events.length, 2, 'what changes nothing is no event')
  t.match(events[0], { action: 'member.roles-changed', actor: owner.id, actor_kind: 'member' })
  t.same([...events[0].details.added].sort(), ['admin', 'editor'])
  t.same(events[0].details.removed, ['member'])
})

t.test('a role that the site does not have answers 400 REQUEST_INVALID, one that another site has too', async (t) => {
  const person = await addPerson(a, 'member')
  await dbOf(b).role.create({ data: { tenantId: b.id, id: newId(), slug: 'only-there', name: 'There' } })
  const answer = await owner.ask('PUT', `/v1/members/${person.id}/roles`, { roles: ['member', 'only-there'] })
  t.equal(outcome(answer), '400 REQUEST_INVALID')
  t.equal(answer.json().issues[0].path, '/roles/1')
  const keeper = await enter(b, b.owner)
  t.equal((await keeper.ask('PUT', `/v1/members/${b.owner.id}/roles`, { roles: ['owner', 'only-there'] })).statusCode, 200, 'control')
  await keeper.ask('PUT', `/v1/members/${b.owner.id}/roles`, { roles: ['owner'] })
})

t.test('nobody grants what they do not hold: 403 ROLE_BEYOND_OWN, to others and to themselves', async (t) => {
  const clerk = await personWith(a, 'members:read', 'members:write')
  const person = await addPerson(a, 'member')
  for (const id of [person.id, clerk.id]) {
    for (const role of ['owner', 'admin', 'editor']) {
      t.equal(outcome(await clerk.ask('PUT', `/v1/members/${id}/roles`, { roles: [role] })), '403 ROLE_BEYOND_OWN', role)
    }
  }
  const admin = await addPerson(a, 'admin')
  t.equal(outcome(await admin.ask('PUT', `/v1/members/${person.id}/roles`, { roles: ['owner'] })), '403 ROLE_BEYOND_OWN')
  t.equal((await admin.ask('PUT', `/v1/members/${person.id}/roles`, { roles: ['admin'] })).statusCode, 200, 'control')
})

t.test('nobody changes a member who holds more: 403 MEMBER_BEYOND_OWN on every operation, and nothing is changed', async (t) => {
  const clerk = await personWith(a, 'members:read', 'members:write')
  const before = await memberRow(a.owner.id)
  const at = `/v1/members/${a.owner.id}`
  const tries = [
    await clerk.ask('PUT', `${at}/roles`, { roles: [] }),
    await clerk.ask('POST', `${at}/deactivate`),
    await clerk.ask('POST', `${at}/reactivate`),
    await clerk.ask('POST', `${at}/end-sessions`),
    await clerk.ask('DELETE', `${at}/factors`),
    await clerk.ask('PATCH', at, { name: 'Fool' }),
  ]
  t.same(
    tries.map(outcome),
    Array.from({ length: 6 }, () => '403 MEMBER_BEYOND_OWN'),
  )
  t.same(await memberRow(a.owner.id), before)
  const person = await addPerson(a, 'member')
  t.equal((await clerk.ask('PATCH', `/v1/members/${person.id}`, { name: 'Fine' })).statusCode, 200, 'control')
})

t.test('deactivation ends every session at once, also on other copies, and is undone with the roles of before', async (t) => {
  const person = await addPerson(a, 'editor')
  const tokens = (await signIn(a, { email: person.email, password })).json()
  t.equal((await me(a, person.token)).statusCode, 200)
  const answer = await owner.ask('POST', `/v1/members/${person.id}/deactivate`)
  t.match(answer.json(), { id: person.id, status: 'deactivated', roles: ['editor'] })
  await eventually(t, 'the access token is over', async () => (await me(a, person.token)).statusCode === 401)
  t.equal(outcome(await refresh(a, tokens.refreshToken)), '401 AUTH_REFRESH_INVALID')
  t.equal(outcome(await signIn(a, { email: person.email, password })), '401 AUTH_INVALID_CREDENTIALS')
  await owner.ask('POST', `/v1/members/${person.id}/deactivate`)
  t.equal((await owner.ask('POST', `/v1/members/${person.id}/reactivate`)).json().status, 'active')
  t.equal(outcome(await refresh(a, tokens.refreshToken)), '401 AUTH_REFRESH_INVALID', 'sessions of before stay over')
  t.same((await (await enter(a, person)).ask('GET', '/v1/me')).json().roles, ['editor'])
  t.same(
    (await eventsOf(a, person.id)).map(({ action }) => action),
    ['member.deactivated', 'member.reactivated'],
  )
})

t.test('sessions that staff end are over at once, and the member may sign in again', async (t) => {
  const person = await addPerson(a, 'member')
  t.equal((await owner.ask('POST', `/v1/members/${person.id}/end-sessions`)).statusCode, 204)
  await eventually(t, 'the access token is over', async () => (await me(a, person.token)).statusCode === 401)
  t.equal((await signIn(a, { email: person.email, password })).statusCode, 200)
  t.match(await eventsOf(a, person.id), [{ action: 'session.all-ended', actor: owner.id }])
})

t.test('factors that staff remove are gone with the sessions, and the member is told by mail in their language', async (t) => {
  const person = await addPerson(a, 'member')
  const row = { tenantId: a.id, memberId: person.id }
  const add = async () => {
    await dbOf(a).totpFactor.create({ data: { ...row, id: newId(), name: 'Phone', sealedSecret: 'sealed', confirmedAt: new Date() } })
    await dbOf(a).recoveryCode.create({ data: { ...row, id: newId(), salt: Buffer.alloc(16), hash: Buffer.alloc(32) } })
    await dbOf(a).passkey.create({ data: { ...row, id: newId(), name: 'Laptop', credential: Buffer.from(newId()), publicKey: Buffer.alloc(77) } })
  }
  const other = await addPerson(a, 'member')
  await add()
  await dbOf(a).totpFactor.create({ data: { tenantId: a.id, memberId: other.id, id: newId(), name: 'Mine', sealedSecret: 'sealed' } })
  await dbOf(a).member.updateMany({ where: { id: person.id }, data: { language: 'fr' } })
  t.equal((await owner.ask('DELETE', `/v1/members/${person.id}/factors`)).statusCode, 204)
  for (const table of ['totp_factors', 'recovery_codes', 'passkeys']) {
    t.same((await data.owner.query(`select id from ${table} where member_id = $1`, [person.id])).rows, [], table)
  }
  t.equal((await data.owner.query('select id from totp_factors where member_id = $1', [other.id])).rowCount, 1, 'control: nobody else’s')
  await eventually(t, 'the session is over', async () => (await me(a, person.token)).statusCode === 401)
  const mails = await mailsTo(a, person.email)
  t.match(mails, [{ kind: 'factor-changed', locale: 'fr', variables: { name: 'Somebody', change: /équipe/ } }])
  t.match(await eventsOf(a, person.id), [{ action: 'member.factors-removed', details: { apps: 1, passkeys: 1, recoveryCodes: 1 } }])
  t.equal((await owner.ask('DELETE', `/v1/members/${person.id}/factors`)).statusCode, 204)
  t.equal((await mailsTo(a, person.email)).length, 1, 'where there is none, nothing is told')
  await add()
})

t.test('a name is changed by who may write members, as one line with something to read in it', async (t) => {
  const person = await addPerson(a, 'member')
  const answer = await owner.ask('PATCH', `/v1/members/${person.id}`, { name: 'Zé Maria' })
  t.match(answer.json(), { id: person.id, name: 'Zé Maria' })
  t.match(await eventsOf(a, person.id), [{ action: 'member.changed', details: { changed: ['name'] } }])
  t.equal((await reader.ask('GET', '/v1/members?search=Z%C3%A9%20m')).json().items[0].id, person.id, 'and found by it')
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(201), 'a\u202eb', 7, ['a'], null]) {
    t.equal(outcome(await owner.ask('PATCH', `/v1/members/${person.id}`, { name })), '400 REQUEST_INVALID', JSON.stringify(name))
  }
})

t.test('staff can have a member set a new password, and neither choose it nor see what the mail holds: 202, 400', async (t) => {
  const person = await addPerson(a, 'member')
  const chosen = { password: 'chosen by the staff' }
  const { id } = person
  t.equal(outcome(await owner.ask('PATCH', `/v1/members/${id}`, { name: 'Ana', ...chosen })), '400 REQUEST_INVALID')
  t.equal(outcome(await owner.ask('PUT', `/v1/members/${id}/roles`, { roles: ['member'], ...chosen })), '400 REQUEST_INVALID')
  for (const method of ['PUT', 'POST', 'PATCH'] as const) {
    t.equal(outcome(await owner.ask(method, `/v1/members/${id}/password`, chosen)), '404 ROUTE_UNKNOWN', method)
  }
  t.equal((await signIn(a, { email: person.email, password: chosen.password })).statusCode, 401)
  t.equal((await signIn(a, { email: person.email, password })).statusCode, 200)
  const asked = await owner.ask('POST', '/v1/auth/forgot-password', { email: person.email })
  t.equal(asked.statusCode, 202)
  t.same(Object.keys(asked.json()).sort(), ['challenge', 'expiresAt'], 'worth nothing without the code of the mail')
  t.match(await mailsTo(a, person.email), [{ kind: 'reset-password' }], 'which goes to the member')
})

t.test('on the hub’s own site an operator may do what an owner may elsewhere', async (t) => {
  const platform = await addPlatform()
  const person = await addPerson(platform, 'owner')
  t.equal(outcome(await person.ask('PUT', `/v1/members/${person.id}/roles`, { roles: ['operator'] })), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await person.ask('POST', `/v1/members/${platform.operator.id}/deactivate`)), '403 MEMBER_BEYOND_OWN')
  t.equal((await platform.operator.ask('PUT', `/v1/members/${person.id}/roles`, { roles: ['operator'] })).statusCode, 200)
})
