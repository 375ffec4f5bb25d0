import { test } from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { eventually } from '../eventually.ts'
import { createHub } from './hub.ts'

const password = 'uma palavra bem comprida'

const tokenOf = (link: string) => new URL(link).searchParams.get('token') ?? ''

test("the first operator of a fresh hub comes in by a link that is told once, to a site of the hub's own that takes nobody else", async (t) => {
  const { data, run, serve } = await createHub(t)
  const homeless = await run(['operator', 'create', 'ana@hub.example'])
  t.match(homeless, { code: 1, out: '', err: /^The hub has no site of its own yet, .*give --host/ })
  const host = 'console.hub.example'
  const shared = { TENANT_API_HOSTS: host }
  t.match(await run(['operator', 'create', 'ana@hub.example', '--host', host], shared), { code: 1, out: '', err: /is one of TENANT_API_HOSTS/ })
  const first = await run(['operator', 'create', 'ana@hub.example', '--host', host, '--name', 'The hub'])
  t.same([first.code, first.err], [0, ''])
  const [made, invited, link = ''] = first.out.split('\n')
  t.equal(made, `The hub's own site is made: ${host}`)
  t.match(invited, /^ana@hub\.example is invited as operator\. No mail was sent: hand this link on, which is good once, until 20/)

  const call = await serve()
  const accepted = await call(host, '/v1/auth/accept-invitation', { token: tokenOf(link), name: 'Ana', password })
  t.equal(accepted.statusCode, 200)
  t.equal((await call(host, '/v1/sites', undefined, accepted.json().accessToken)).statusCode, 200, 'what operators alone may see')
  t.equal((await call(host, '/v1/auth/sign-up', { email: 'eve@evil.example', password, name: 'Eve' })).json().code, 'SIGN_UP_CLOSED')

  const [second, again, elsewhere] = await Promise.all([
    run(['operator', 'create', 'rui@hub.example', '--json']),
    run(['operator', 'create', 'ana@hub.example']),
    run(['operator', 'create', 'eva@hub.example', '--host', 'other.example']),
  ])
  t.match(JSON.parse(second?.out ?? ''), { console: host, made: false, operator: { by: 'link', role: 'operator' } })
  t.match(again, { code: 1, err: 'That address belongs to a member of console already.\n' })
  t.match(elsewhere, { code: 1, err: /^The hub's own site is there already, on console\.hub\.example/ })
  const { rows } = await data.owner.query(`select slug, kind from tenants`)
  t.same(rows, [{ slug: 'console', kind: 'platform' }])
})

test('an invitation by an operator is worth what one by an owner is, the newest link alone, and is in the log of the site', async (t) => {
  const { data, run, serve } = await createHub(t)
  t.equal((await run(['site', 'create', 'one', '--name', 'One', '--host', 'one.example', '--locale', 'en'])).code, 0)
  const [site] = await data.open().directory.tenant.findMany()
  const tenantId = site?.id ?? ''
  const db = data.open().forTenant(tenantId)
  const invite = (email: string, role: string, ...more: string[]) => run(['member', 'invite', 'one', email, '--role', role, ...more, '--json'])
  const { link: first } = JSON.parse((await invite('dona@one.example', 'editor', '--name', 'Dona <Maria>')).out)
  const { link: newest } = JSON.parse((await invite('dona@one.example', 'owner')).out)
  const call = await serve()
  const accept = (link: string) => call('one.example', '/v1/auth/accept-invitation', { token: tokenOf(link), name: 'Dona', password })
  t.equal((await accept(first)).json().code, 'CHALLENGE_INVALID')
  const page = await call('one.example', `/account/invitation?token=${tokenOf(newest)}`)
  t.match(page.body, /name="name"[^>]* value="Dona &#60;Maria&#62;"/, 'the name is filled in, also by a newer link')
  t.match(await invite('x@one.example', 'editor', '--name', 'a\nb'), { code: 2, err: /A name is one line/ })
  const { accessToken } = (await accept(newest)).json()
  const members = await call('one.example', '/v1/members', undefined, accessToken)
  t.match(members.json().items, [{ email: 'dona@one.example', roles: ['owner'] }])
  const { rows } = await data.owner.query(`select action, actor_kind from audit_events where action = 'invitation.sent'`)
  t.same(rows, Array(2).fill({ action: 'invitation.sent', actor_kind: 'operator' }))

  const listed = await run(['member', 'list', 'one'])
  t.match(listed.out, /^address +name +status +roles +second factor +last seen\ndona@one\.example +Dona +active +owner +no +20\S+\n$/)
  const [member, role, nobody] = await Promise.all([
    invite('dona@one.example', 'owner'),
    invite('new@one.example', 'king'),
    run(['member', 'invite', 'none', 'a@b.example', '--role', 'owner']),
  ])
  t.match(member, { code: 1, out: '', err: 'That address belongs to a member of one already.\n' })
  t.match(role, { code: 1, out: '', err: 'one has no such role.\n' })
  t.match(nobody, { code: 1, out: '', err: 'There is no site "none".\n' })
  await db.authPolicy.create({ data: { tenantId, signUp: 'closed' } })
  t.match(await invite('new@one.example', 'owner'), { code: 1, err: /^one takes nobody new: its sign-up policy is "closed"/ })
})

test('end-sessions ends what a copy that serves has just let in, of one member or of all, and of no other site', async (t) => {
  const { data, run, serve } = await createHub(t)
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  const database = data.open()
  const made = await run(['site', 'create', 'one', '--name', 'One', '--host', 'one.example'])
  t.equal(made.code, 0)
  t.equal((await run(['site', 'create', 'other', '--name', 'Other', '--host', 'other.example'])).code, 0)
  for (const { id } of await database.directory.tenant.findMany()) {
    for (const name of ['a', 'b'])
      await createMember(database.forTenant(id), hasher, { tenantId: id, email: `${name}@people.example`, name, role: 'owner', password })
  }
  const call = await serve()
  const enter = async (host: string, name: string) =>
    (await call(host, '/v1/auth/sign-in', { email: `${name}@people.example`, password })).json().accessToken as string
  const people = [
    ['one.example', 'a'],
    ['one.example', 'b'],
    ['other.example', 'a'],
  ] as const
  const tokens = await Promise.all(people.map(([host, name]) => enter(host, name)))
  const standing = async () => Promise.all(people.map(async ([host], at) => (await call(host, '/v1/members', undefined, tokens[at])).statusCode))
  t.same(await standing(), [200, 200, 200], 'control')
  t.match(await run(['member', 'end-sessions', 'one', 'A@people.example']), { code: 0, out: 'one: every session of 1 member is over\n' })
  await eventually(t, 'one member is out', async () => String(await standing()) === '401,200,200')
  t.match(await run(['member', 'end-sessions', 'one', '--all']), { code: 1, err: 'one: everybody will be signed out. Give --yes to do it.\n' })
  t.match(await run(['member', 'end-sessions', 'one', '--all', '--yes']), { code: 0, out: 'one: every session of 2 members is over\n' })
  await eventually(t, 'all of the site are', async () => String(await standing()) === '401,401,200')
  t.match(await run(['member', 'end-sessions', 'one']), { code: 1, err: /^Name a member by the address, or give --all/ })
  t.match(await run(['member', 'end-sessions', 'one', 'x@people.example']), { code: 1, err: 'one has no member of that address.\n' })
  const { rows } = await data.owner.query(
    `select count(*)::int as n from audit_events where action = 'session.all-ended' and actor_kind = 'operator'`,
  )
  t.same(rows, [{ n: 3 }])
})
