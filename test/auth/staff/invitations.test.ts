import t from 'tap'
import { invitationLife } from '../../../src/auth/sessions/token-life.ts'
import { linkLife } from '../../../src/mail/templates/link-life.ts'
import { newId } from '../../../src/security/random-token.ts'
import { createRateLimiter } from '../../../src/security/rate-limiter.ts'
import { eventually } from '../../eventually.ts'
import { claimsOf, outcome } from '../auth-calls.ts'
import { setLimits } from '../minted.ts'
import { createStaffApp, type Person } from './staff-calls.ts'

const {
  app,
  a,
  b,
  data,
  dbOf,
  enter,
  addRole,
  addPerson,
  addPlatform,
  personWith,
  linkOf,
  eventsOf,
  memberRow,
  accept,
  me,
  post,
  challengeRow,
  mailsTo,
  membersOf,
  signIn,
} = await createStaffApp(t)
const owner = await enter(a, a.owner)
let invited = 0
const address = () => `invited-${++invited}@people.example`
const invite = (who: Person, email: string, role = 'editor', more: object = {}) => who.ask('POST', '/v1/invitations', { email, role, ...more })
const invitationRow = async (id: string) => (await data.owner.query('select * from invitations where id = $1', [id])).rows[0]
const setPolicy = (site: { id: string }, signUp: string) =>
  data.owner.query(
    `insert into auth_policies (tenant_id, sign_up, sign_up_domains) values ($1, $2, '{council.example}')
     on conflict (tenant_id) do update set sign_up = excluded.sign_up`,
    [site.id, signUp],
  )

/** An invitation whose mail has been sent. */
async function mailed(who: Person = owner, role = 'editor') {
  const email = address()
  const answer = await invite(who, email, role)
  t.equal(answer.statusCode, 201)
  return { email, id: String(answer.json().id), ...(await linkOf(a, email)) }
}

t.test('an invitation answers 201, mails a link for 72 hours with names of inviter and role, and no secret of it to the staff', async (t) => {
  const email = address()
  const before = Date.now()
  const answer = await invite(owner, email, 'editor', { language: 'fr' })
  t.equal(answer.statusCode, 201)
  const { id, createdAt, expiresAt, ...rest } = answer.json()
  t.same(rest, { email, role: 'editor', status: 'open', invitedBy: { id: owner.id, name: 'Owner' } })
  t.ok(Date.parse(expiresAt) - before >= invitationLife * 1000 && Date.parse(expiresAt) - before < invitationLife * 1000 + 60_000)
  t.equal(linkLife.invitation, invitationLife / 60, 'the mail says so')
  const [mail] = await mailsTo(a, email)
  t.match(mail, { kind: 'invitation', locale: 'fr', variables: { inviter: 'Owner', role: 'Editor' }, status: 'queued' })
  t.notMatch(answer.body, mail.challenge_id)
  t.match(await challengeRow(mail.challenge_id), { purpose: 'invitation', email_key: email, payload: { invitation: id } })
  t.match(await eventsOf(a, id), [{ action: 'invitation.sent', actor: owner.id, details: { role: 'editor' } }])
  t.equal(
    (await membersOf(a)).some((member) => member.email === email),
    false,
    'nobody is a member before they accept',
  )
})

t.test('whoever follows the link becomes a member with that role and a proven address, and is signed in', async (t) => {
  const { email, id, token } = await mailed()
  const answer = await accept(a, token, { name: 'Convidada' })
  t.equal(answer.statusCode, 200)
  const { accessToken } = answer.json()
  const mine = (await me(a, accessToken)).json()
  t.match(mine, { email, name: 'Convidada', roles: ['editor'] })
  t.ok((await memberRow(mine.id)).email_verified_at)
  const [session] = (await data.owner.query('select methods from sessions where id = $1', [claimsOf(accessToken).claims.sid])).rows
  t.same(session.methods, ['invitation'])
  t.equal((await signIn(a, { email, password: 'chosen at the link' })).statusCode, 200)
  t.ok((await invitationRow(id)).accepted_at)
  t.match((await eventsOf(a, id)).at(-1), { action: 'invitation.accepted', actor: mine.id, details: { member: mine.id } })
  t.match(await eventsOf(a, mine.id), [{ action: 'member.created', details: { by: 'invitation', role: 'editor' } }])
  t.match((await owner.ask('GET', '/v1/invitations?status=accepted')).json().items[0], { id, status: 'accepted' })
  const cookies = await mailed()
  const inCookies = await accept(a, cookies.token, { transport: 'cookie' })
  t.equal(inCookies.json().refreshToken, undefined)
  t.ok(inCookies.cookies.some(({ name }) => name === '__Host-refresh'))
})

t.test('a weak password answers 400 PASSWORD_WEAK, that with the own name or address too, and leaves the link good', async (t) => {
  const { email, token } = await mailed()
  for (const password of ['ninesigns', 'qwertyuiop', 'januaria januaria', email]) {
    t.equal(outcome(await accept(a, token, { name: 'Januária', password })), '400 PASSWORD_WEAK', password)
  }
  t.equal(outcome(await accept(a, token, { name: 'Januária' })), '200')
})

t.test('one link used fifty times at once makes one member and signs one in; the others get 400 CHALLENGE_INVALID', async (t) => {
  const { email, token } = await mailed()
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => accept(a, token, { name: `Number ${n}` })))
  const outcomes = answers.map(outcome)
  t.equal(outcomes.filter((text) => text === '200').length, 1)
  t.same([...new Set(outcomes.filter((text) => !text.startsWith('503')))].sort(), ['200', '400 CHALLENGE_INVALID'])
  t.equal((await membersOf(a)).filter((member) => member.email === email).length, 1)
  t.equal(outcome(await accept(a, token)), '400 CHALLENGE_INVALID', 'and once more')
})

t.test('a link that was revoked, is a second too old, of another site, or of another purpose answers 400 CHALLENGE_INVALID', async (t) => {
  const revoked = await mailed()
  t.equal((await owner.ask('DELETE', `/v1/invitations/${revoked.id}`)).statusCode, 204)
  t.equal(outcome(await accept(a, revoked.token)), '400 CHALLENGE_INVALID', 'revoked')
  const old = await mailed()
  await data.owner.query(`update email_challenges set expires_at = now() - interval '1 second' where id = $1`, [old.challenge])
  t.equal(outcome(await accept(a, old.token)), '400 CHALLENGE_INVALID', 'too old')
  const stale = await mailed()
  await data.owner.query(`update invitations set expires_at = now() - interval '1 second' where id = $1`, [stale.id])
  t.equal(outcome(await accept(a, stale.token)), '400 CHALLENGE_INVALID', 'the invitation itself is over')
  t.equal((await owner.ask('GET', '/v1/invitations?status=expired')).json().items[0].id, stale.id)
  const elsewhere = await mailed()
  t.equal(outcome(await accept(b, elsewhere.token)), '400 CHALLENGE_INVALID', 'another site')
  t.equal(outcome(await post(a, '/v1/auth/verify-email', { token: elsewhere.token, password: 'chosen at the link' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await post(a, '/v1/auth/reset-password', { token: elsewhere.token, password: 'chosen at the link' })), '400 CHALLENGE_INVALID')
  t.equal((await accept(a, elsewhere.token)).statusCode, 200, 'control')
})

t.test('an address has one open invitation: inviting it again answers 200, changes the role and voids the link of before', async (t) => {
  const first = await mailed()
  await data.owner.query(`update invitations set expires_at = now() - interval '1 second' where id = $1`, [first.id])
  const again = await invite(owner, first.email.toUpperCase(), 'admin')
  t.equal(again.statusCode, 200)
  t.match(again.json(), { id: first.id, role: 'admin', status: 'open' })
  t.equal(outcome(await accept(a, first.token)), '400 CHALLENGE_INVALID')
  const { token } = await linkOf(a, first.email)
  t.same((await me(a, (await accept(a, token)).json().accessToken)).json().roles, ['admin'])
  t.equal((await mailsTo(a, first.email)).length, 2)
})

t.test('many invitations of one address at once leave one open, and one link that is worth something', async (t) => {
  const email = address()
  const answers = await Promise.all(Array.from({ length: 6 }, () => invite(owner, email)))
  t.same(answers.map(outcome).sort(), ['200', '200', '200', '200', '200', '201'])
  const { rows } = await data.owner.query('select id from invitations where tenant_id = $1 and email_key = $2', [a.id, email])
  t.equal(rows.length, 1)
  const open = await data.owner.query(`select id from email_challenges where tenant_id = $1 and email_key = $2 and spent_at is null`, [a.id, email])
  t.equal(open.rowCount, 1)
})

t.test('an invitation is sent again for another 72 hours, in the name of who asks', async (t) => {
  const first = await mailed()
  const admin = await addPerson(a, 'admin', 'Another')
  await data.owner.query(`update invitations set expires_at = now() where id = $1`, [first.id])
  const answer = await admin.ask('POST', `/v1/invitations/${first.id}/send-again`, { language: 'en' })
  t.match(answer.json(), { id: first.id, status: 'open', invitedBy: { id: admin.id, name: 'Another' } })
  t.match((await mailsTo(a, first.email)).at(-1), { locale: 'en', variables: { inviter: 'Another' } })
  t.equal(outcome(await accept(a, first.token)), '400 CHALLENGE_INVALID')
  t.equal((await accept(a, (await linkOf(a, first.email)).token)).statusCode, 200)
  t.equal(outcome(await admin.ask('POST', `/v1/invitations/${first.id}/send-again`)), '404 INVITATION_UNKNOWN', 'one that was accepted is over')
  t.equal(outcome(await admin.ask('DELETE', `/v1/invitations/${first.id}`)), '404 INVITATION_UNKNOWN')
})

t.test('an address of a member answers 409 MEMBER_EXISTS, deactivated or not, in whatever spelling', async (t) => {
  const person = await addPerson(a, 'member')
  t.equal(outcome(await invite(owner, person.email)), '409 MEMBER_EXISTS')
  await owner.ask('POST', `/v1/members/${person.id}/deactivate`)
  t.equal(outcome(await invite(owner, person.email.toUpperCase())), '409 MEMBER_EXISTS')
  t.equal((await mailsTo(a, person.email)).length, 0)
  t.equal((await invite(owner, b.owner.email)).statusCode, 201, 'a member of another site is none here')
})

t.test('an address that became a member meanwhile gets no role by the link: 400, and the staff see that it is over', async (t) => {
  const { email, id, token } = await mailed(owner, 'admin')
  await dbOf(a).member.create({ data: { tenantId: a.id, id: newId(), email, emailKey: email, name: 'Came first' } })
  t.equal(outcome(await accept(a, token)), '400 CHALLENGE_INVALID')
  t.match(
    (await membersOf(a)).find((member) => member.email === email),
    { name: 'Came first' },
  )
  t.match((await owner.ask('GET', '/v1/invitations?status=revoked')).json().items[0], { id })
  t.match((await eventsOf(a, id)).at(-1), { action: 'invitation.revoked', actor_kind: 'system', details: { reason: 'address-taken' } })
  t.equal(outcome(await owner.ask('POST', `/v1/invitations/${id}/send-again`)), '404 INVITATION_UNKNOWN')
})

t.test('nobody invites to a role that allows more than they may, nor sends, takes over or revokes such an invitation', async (t) => {
  const clerk = await personWith(a, 'members:read', 'members:write')
  t.equal(outcome(await invite(clerk, address(), 'owner')), '403 ROLE_BEYOND_OWN')
  const { id, email } = await mailed(owner, 'owner')
  t.equal(outcome(await invite(clerk, email, 'member')), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await clerk.ask('POST', `/v1/invitations/${id}/send-again`)), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await clerk.ask('DELETE', `/v1/invitations/${id}`)), '403 ROLE_BEYOND_OWN')
  t.match(await invitationRow(id), { revoked_at: null, invited_by: owner.id })
  t.equal((await invite(clerk, address(), 'member')).statusCode, 201, 'control')
  t.equal(outcome(await invite(owner, address(), 'nobody')), '400 REQUEST_INVALID', 'a role that there is not')
})

t.test('an invitation by somebody who has lost the right meanwhile is void, whichever way it was lost', async (t) => {
  const ways: Record<string, (inviter: Person) => Promise<unknown>> = {
    deactivated: (inviter) => owner.ask('POST', `/v1/members/${inviter.id}/deactivate`),
    'without the permission to invite': (inviter) => owner.ask('PUT', `/v1/members/${inviter.id}/roles`, { roles: ['editor'] }),
    'without what the role allows': async (inviter) => {
      const slug = await addRole(a, ['members:write'])
      return owner.ask('PUT', `/v1/members/${inviter.id}/roles`, { roles: [slug] })
    },
    gone: (inviter) => data.owner.query('delete from members where id = $1', [inviter.id]),
  }
  for (const [title, lose] of Object.entries(ways)) {
    const inviter = await addPerson(a, 'admin')
    const { id, email, token } = await mailed(inviter)
    t.equal((await post(a, '/v1/auth/read-invitation', { token })).statusCode, 200, 'control')
    await lose(inviter)
    t.equal(outcome(await post(a, '/v1/auth/read-invitation', { token })), '400 CHALLENGE_INVALID', title)
    t.equal(outcome(await accept(a, token)), '400 CHALLENGE_INVALID', title)
    t.notOk((await membersOf(a)).some((member) => member.email === email))
    t.equal((await owner.ask('POST', `/v1/invitations/${id}/send-again`)).statusCode, 200, 'somebody who may puts it right')
    t.equal((await accept(a, (await linkOf(a, email)).token)).statusCode, 200)
  }
})

t.test('a role that allows more by now than its inviter may makes the invitation void', async (t) => {
  const slug = await addRole(a, ['content:read'])
  const { token } = await mailed(await addPerson(a, 'admin'), slug)
  await owner.ask('PATCH', `/v1/roles/${slug}`, { permissions: ['content:read', 'keys:write'] })
  t.equal(outcome(await accept(a, token)), '400 CHALLENGE_INVALID')
})

t.test('an inviter who is deactivated at the very moment leaves either no member or one who came before', async (t) => {
  for (let round = 0; round < 10; round++) {
    const inviter = await addPerson(a, 'admin')
    const { email, token } = await mailed(inviter)
    const [accepted] = await Promise.all([accept(a, token), owner.ask('POST', `/v1/members/${inviter.id}/deactivate`)])
    const made = (await membersOf(a)).filter((member) => member.email === email).length
    t.equal(made, accepted.statusCode === 200 ? 1 : 0, outcome(accepted))
  }
})

t.test('a closed site takes nobody new, not even by invitation: 403 SIGN_UP_CLOSED; by every other policy it does', async (t) => {
  const waiting = await mailed()
  t.teardown(() => data.owner.query('delete from auth_policies where tenant_id = $1', [a.id]))
  await setPolicy(a, 'closed')
  const closed = async () => outcome(await invite(owner, address())) === '403 SIGN_UP_CLOSED'
  await eventually(t, 'the policy counts', closed)
  t.equal(outcome(await invite(owner, address())), '403 SIGN_UP_CLOSED')
  t.equal(outcome(await accept(a, waiting.token)), '403 SIGN_UP_CLOSED')
  t.equal(outcome(await owner.ask('POST', `/v1/invitations/${waiting.id}/send-again`)), '403 SIGN_UP_CLOSED')
  for (const policy of ['invitation', 'domain', 'open']) {
    await setPolicy(a, policy)
    await eventually(t, 'the policy counts', async () => !(await closed()))
    const { token } = await mailed()
    t.equal((await accept(a, token)).statusCode, 200, policy)
  }
  t.equal((await accept(a, waiting.token)).statusCode, 200, 'what was refused meanwhile is not lost')
})

t.test('what an invitation is to can be read by its link as often as one likes, and is not spent by it', async (t) => {
  const { email, token } = await mailed()
  for (let n = 0; n < 3; n++) {
    const answer = await post(a, '/v1/auth/read-invitation', { token })
    t.equal(answer.headers['cache-control'], 'no-store')
    const { expiresAt, ...shown } = answer.json()
    t.same(shown, { site: 'Name of site-a', role: 'Editor', inviter: 'Owner', email, name: null })
    t.ok(Date.parse(expiresAt) > Date.now())
  }
  t.equal(outcome(await post(b, '/v1/auth/read-invitation', { token })), '400 CHALLENGE_INVALID', 'of another site')
  t.equal(outcome(await post(a, '/v1/auth/read-invitation', { token: 'A'.repeat(43) })), '400 CHALLENGE_INVALID', 'a guess')
  t.equal((await accept(a, token)).statusCode, 200)
  t.equal(outcome(await post(a, '/v1/auth/read-invitation', { token })), '400 CHALLENGE_INVALID', 'once it was used')
})

t.test('the mail’s code accepts nothing, and a body with anything odd answers 400 and spends nothing', async (t) => {
  const { token, challenge, code } = await mailed()
  const right = { token, name: 'Invited', password: 'chosen at the link' }
  const bodies = {
    'a code': { challenge, code, name: 'Invited', password: 'chosen at the link' },
    'a role': { ...right, role: 'owner' },
    roles: { ...right, roles: ['owner'] },
    'a tenant': { ...right, tenantId: b.id },
    permissions: { ...right, permissions: ['members:write'] },
    'an address': { ...right, email: 'evil@people.example' },
    'a list of tokens': { ...right, token: [token] },
    'a token as an object': { ...right, token: { not: '' } },
    'a short token': { ...right, token: token.slice(1) },
    'a name of two lines': { ...right, name: 'a\r\nb' },
    'no name': { token, password: 'chosen at the link' },
    nothing: {},
  }
  for (const [title, body] of Object.entries(bodies))
    t.equal(outcome(await post(a, '/v1/auth/accept-invitation', body)), '400 REQUEST_INVALID', title)
  t.equal((await post(a, '/v1/auth/accept-invitation', right)).statusCode, 200, 'control')
})

t.test('addresses that are none answer 400, and look-alikes are one address', async (t) => {
  for (const email of [
    'a,b@people.example',
    'a@b@people.example',
    'a\r\nBcc: x@people.example',
    '"a b"@people.example',
    'a@localhost',
    '<a@people.example>',
  ]) {
    t.equal(outcome(await invite(owner, email)), '400 REQUEST_INVALID', email)
  }
  const composed = await invite(owner, 'jos\u00e9-inv@people.example')
  t.equal(composed.statusCode, 201)
  t.equal((await invite(owner, 'JOSE\u0301-inv@people.example')).json().id, composed.json().id)
})

t.test('a second mail to an address within a minute answers 429, and a refusal of another kind does not count', async (t) => {
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000 }) })
  const email = address()
  t.equal(outcome(await invite(await personWith(a, 'members:write'), email, 'owner')), '403 ROLE_BEYOND_OWN')
  const first = await invite(owner, email)
  t.equal(first.statusCode, 201)
  t.equal(outcome(await invite(owner, email)), '429 RATE_LIMITED')
  t.equal(outcome(await owner.ask('POST', `/v1/invitations/${first.json().id}/send-again`)), '429 RATE_LIMITED')
  t.equal((await mailsTo(a, email)).length, 1)
})

t.test('one member cannot write to half the world: 429 by member, while others go on', async (t) => {
  setLimits(t, app, { invitations: createRateLimiter({ limit: 2, windowMs: 60_000 }) })
  const admin = await addPerson(a, 'admin')
  const outcomes = [await invite(admin, address()), await invite(admin, address()), await invite(admin, address())].map(outcome)
  t.same(outcomes, ['201', '201', '429 RATE_LIMITED'])
  t.equal((await invite(owner, address())).statusCode, 201)
})

t.test('operators of the hub are made by invitation: there nobody can sign up', async (t) => {
  const platform = await addPlatform()
  const email = address()
  t.equal((await invite(platform.operator, email, 'operator')).statusCode, 201)
  const { token } = await linkOf(platform, email)
  t.equal(outcome(await accept(a, token)), '400 CHALLENGE_INVALID', 'at a site the link is worth nothing')
  t.same((await me(platform, (await accept(platform, token)).json().accessToken)).json().roles, ['operator'])
  t.equal(outcome(await post(platform, '/v1/auth/sign-up', { email: address(), name: 'Ana', password: 'a password of mine' })), '403 SIGN_UP_CLOSED')
})

t.test('the list answers pages of all states, newest first, without secrets', async (t) => {
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: { items: { id: string }[]; next: string | null } = (
      await owner.ask('GET', `/v1/invitations?limit=7${next ? `&after=${next}` : ''}`)
    ).json()
    for (const item of page.items) {
      t.same(Object.keys(item).sort(), ['createdAt', 'email', 'expiresAt', 'id', 'invitedBy', 'role', 'status'])
      seen.push(item.id)
    }
    next = page.next
  }
  const { rows } = await data.owner.query('select id from invitations where tenant_id = $1 order by id desc', [a.id])
  t.same(
    seen,
    rows.map(({ id }) => id),
  )
  t.ok(seen.length > 20)
})
