import t from 'tap'
import { createMember } from '../../src/auth/account/create-member.ts'
import { createStandings, type SessionRef } from '../../src/auth/sessions/standing.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { newId } from '../../src/security/random-token.ts'
import { builtInRoles } from '../../src/tenancy/permissions.ts'
import { createTestApp, password } from '../app.ts'
import { eventually } from '../eventually.ts'
import { authCalls, claimsOf, outcome } from './auth-calls.ts'

const { app, data, a, b, another } = await createTestApp(t)
const copy = await another()
const { open, me, signIn } = authCalls(app)
const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
const db = data.open({ max: 2 }).forTenant(a.id)
const permissionsOf = (slug: string) => [...(builtInRoles.find((role) => role.slug === slug)?.permissions ?? [])].sort()

let members = 0

async function addMember(role: string) {
  members++
  const email = `member-${members}@site-a.example`
  const id = await createMember(db, hasher, { tenantId: a.id, email, name: `Member ${members}`, password, role })
  const { accessToken } = (await signIn(a, { email, password })).json()
  for (const on of [app, copy]) t.same((await me(a, accessToken, { on })).json().roles, [role], 'read and kept by both processes')
  return { id, email, accessToken: String(accessToken) }
}

const roleId = async (slug: string) => (await db.role.findFirstOrThrow({ where: { slug } })).id

t.test('me answers 200 with name, address, roles and permissions, and nothing else', async (t) => {
  const { accessToken } = await open(a)
  const answer = await me(a, accessToken)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { createdAt, ...rest } = answer.json()
  t.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 600_000, createdAt)
  t.same(rest, {
    id: a.owner.id,
    email: a.owner.email,
    emailVerified: true,
    name: 'Owner',
    language: null,
    eraseAt: null,
    roles: ['owner'],
    permissions: permissionsOf('owner'),
  })
})

t.test('a member without permissions holds none, and one with two roles holds both roles’ permissions once', async (t) => {
  const plain = await addMember('member')
  t.same((await me(a, plain.accessToken)).json().permissions, [])
  const both = await addMember('editor')
  await data.owner.query('insert into member_roles (tenant_id, member_id, role_id) values ($1, $2, $3)', [a.id, both.id, await roleId('admin')])
  await eventually(t, 'both roles show', async () => (await me(a, both.accessToken)).json().roles.length === 2)
  t.same((await me(a, both.accessToken)).json().permissions, permissionsOf('admin'), 'admin has all that an editor has')
})

t.test('a role given or taken away acts on another process within 2 s', async (t) => {
  const { id, accessToken } = await addMember('member')
  await data.owner.query('update member_roles set role_id = $2 where member_id = $1', [id, await roleId('editor')])
  await eventually(t, 'the new role shows', async () => (await me(a, accessToken, { on: copy })).json().roles[0] === 'editor')
  t.same((await me(a, accessToken, { on: copy })).json().permissions, permissionsOf('editor'))
  await data.owner.query('delete from member_roles where member_id = $1', [id])
  await eventually(t, 'no role is left', async () => (await me(a, accessToken, { on: copy })).json().permissions.length === 0)
})

t.test('a change of a role’s permissions acts on all who hold it within 2 s, and on no other site', async (t) => {
  const slug = 'moderator'
  const custom = await db.role.create({ data: { tenantId: a.id, id: newId(), slug, name: 'Moderator', permissions: ['content:read'] } })
  const holders = [await addMember(slug), await addMember(slug)]
  const elsewhere = await open(b)
  const before = (await me(b, elsewhere.accessToken, { on: copy })).json()
  await data.owner.query(`update roles set permissions = '{media:read}' where id = $1`, [custom.id])
  for (const { accessToken } of holders) {
    await eventually(t, 'the new permission shows', async () => (await me(a, accessToken, { on: copy })).json().permissions.join() === 'media:read')
  }
  t.same((await me(b, elsewhere.accessToken, { on: copy })).json(), before)
})

t.test('a deactivated or deleted member answers 401 AUTH_TOKEN_INVALID on another process within 2 s', async (t) => {
  for (const statement of [`update members set status = 'deactivated' where id = $1`, 'delete from members where id = $1']) {
    const { id, accessToken } = await addMember('editor')
    const bystander = await addMember('editor')
    await data.owner.query(statement, [id])
    await eventually(t, 'the token is refused', async () => outcome(await me(a, accessToken, { on: copy })) === '401 AUTH_TOKEN_INVALID')
    t.equal((await me(a, bystander.accessToken, { on: copy })).statusCode, 200)
  }
})

t.test('an ended or deleted session answers 401 on another process within 2 s', async (t) => {
  for (const statement of ['update sessions set ended_at = now() where id = $1', 'delete from sessions where id = $1']) {
    const [mine, other] = [await open(a), await open(a)]
    for (const { accessToken } of [mine, other]) t.equal((await me(a, accessToken, { on: copy })).statusCode, 200)
    await data.owner.query(statement, [claimsOf(mine.accessToken).claims.sid])
    await eventually(t, 'the token is refused', async () => outcome(await me(a, mine.accessToken, { on: copy })) === '401 AUTH_TOKEN_INVALID')
    t.equal((await me(a, other.accessToken, { on: copy })).statusCode, 200)
  }
})

/** Notifications whose messages and health are the test's to give. */
function fakeNotifications() {
  const listeners: { onMessage: (payload: string) => void; onGap: () => void }[] = []
  return {
    healthy: true,
    subscribe: (listener: (typeof listeners)[number]) => void listeners.push(listener),
    start: () => {},
    stop: async () => {},
    say: (payload: string) => {
      for (const { onMessage } of listeners) onMessage(payload)
    },
    gap: () => {
      for (const { onGap } of listeners) onGap()
    },
  }
}

/** Standings on the real database with a clock and messages of the test's own. */
async function watchedStandings() {
  let clock = 0
  const notifications = fakeNotifications()
  const standings = createStandings(notifications, () => clock)
  const { accessToken } = await open(a)
  const ref: SessionRef = { tenantId: a.id, memberId: a.owner.id, sessionId: String(claimsOf(accessToken).claims.sid) }
  await standings.of(ref, db)
  return {
    notifications,
    isKept: () => !(standings.of(ref, db) instanceof Promise),
    reread: async () => standings.of(ref, db),
    readOther: async (sessionId: string) => standings.of({ ...ref, sessionId }, db),
    later: (ms: number) => {
      clock += ms
    },
  }
}

t.test('a standing is kept for five minutes, and for a second while the listener is down', async (t) => {
  const { notifications, isKept, later } = await watchedStandings()
  later(299_000)
  t.ok(isKept())
  notifications.healthy = false
  t.notOk(isKept(), 'nothing older than a second without the listener')
  notifications.healthy = true
  later(1_000)
  t.notOk(isKept(), 'nor than five minutes with it')
})

t.test('messages drop the standings they are about, and a gap drops all', async (t) => {
  const { notifications, isKept, reread } = await watchedStandings()
  for (const payload of [`m:${a.id}:${b.owner.id}`, `m:${b.id}:${a.owner.id}`, `r:${b.id}`, `t:${a.id}`, 'x', '']) {
    notifications.say(payload)
    t.ok(isKept(), `kept after ${payload}`)
  }
  for (const say of [() => notifications.say(`m:${a.id}:${a.owner.id}`), () => notifications.say(`r:${a.id}`), notifications.gap]) {
    t.ok(isKept())
    say()
    t.notOk(isKept())
    await reread()
  }
})

t.test('what was read while something changed is used once and not kept', async (t) => {
  const { notifications, isKept, reread } = await watchedStandings()
  notifications.gap()
  const underWay = reread()
  notifications.say(`m:${a.id}:${a.owner.id}`)
  t.equal((await underWay)?.id, a.owner.id)
  t.notOk(isKept())
})

t.test('of one member no more than 100 sessions are kept', async (t) => {
  const { isKept, readOther } = await watchedStandings()
  for (let n = 1; n < 100; n++) await readOther(newId())
  t.ok(isKept(), 'with 99 others')
  await readOther(newId())
  t.notOk(isKept(), 'one more makes room')
})
