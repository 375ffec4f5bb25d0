import t from 'tap'
import { eraseDueMembers, erasureChore } from '../../../src/auth/account/erase-due-members.ts'
import { erasureGrace } from '../../../src/auth/sessions/token-life.ts'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { type SignedIn, signedInCalls } from './signed-in.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { me, signIn, post, refresh, open } = authCalls(app)
const { mint, mailedReset, mailedSignUp, confirmByLink, resetPassword, signUp, mailsTo, challengeRow, forgotPassword } = accountCalls(tools)
const { newMember, ask, proofOf, auditOf } = signedInCalls(tools)
const db = app.database.forTenant(a.id)

const leave = (member: { accessToken: string }, payload: object = {}, site = a) =>
  ask(site, member, { method: 'POST', url: '/v1/me/erasure', payload })
const keep = (proof: object, site = a) => post(site, '/v1/auth/keep-account', proof)
const rowOf = async ({ id }: { id: string }) => (await data.owner.query('select * from members where id = $1', [id])).rows[0]
const isDue = ({ id }: { id: string }) => data.owner.query(`update members set erase_at = now() - interval '1 second' where id = $1`, [id])

/** A member who asked to be erased, and whose mail has been sent. */
async function leaving() {
  const member = await newMember(a)
  const answer = await leave(member)
  if (answer.statusCode !== 202) throw new Error(answer.body)
  const [mail] = (await mailsTo(a, member.email)).slice(-1)
  return { ...member, ...(await mint(a, mail.challenge_id)) }
}

t.test('erasure is two weeks away: 202, cookies cleared, every session ended, nobody signs in, and a mail says how to stay', async (t) => {
  const mine = await newMember(a)
  const reset = await mailedReset(a, mine.email)
  const before = Date.now()
  const answer = await leave(mine)
  t.equal(answer.statusCode, 202)
  const away = Date.parse(answer.json().eraseAt) - before
  t.ok(away > (erasureGrace - 60) * 1000 && away < (erasureGrace + 60) * 1000)
  t.same(
    answer.cookies.map(({ value }) => value),
    ['', ''],
  )
  t.match(await rowOf(mine), { status: 'closing', epoch: 1 })
  await eventually(t, 'the session is over', async () => (await me(a, mine.accessToken)).statusCode === 401)
  t.equal(outcome(await refresh(a, mine.refreshToken)), '401 AUTH_REFRESH_INVALID')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '401 AUTH_INVALID_CREDENTIALS')
  t.equal(outcome(await resetPassword(a, { token: reset.token, password: 'the second password' })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await forgotPassword(a, { email: mine.email })), '202')
  const mails = (await mailsTo(a, mine.email)).slice(1)
  t.match(mails, [{ kind: 'keep-account', variables: { when: answer.json().eraseAt } }])
  t.equal(mails.length, 1, 'and no mail to reset the password')
  t.match(await auditOf(a, mine.id), [{ action: 'member.erasure-requested', actor: mine.id }])
  t.equal(outcome(await leave(mine)), '401 AUTH_TOKEN_INVALID', 'once')
})

t.test('the mail’s link or code keeps the account, once of fifty times at once: 204; the sessions of before stay ended', async (t) => {
  const byLink = await leaving()
  const answers = await Promise.all(Array.from({ length: 50 }, () => keep({ token: byLink.token })))
  t.same(answers.map(outcome).sort(), ['204', ...Array(49).fill('400 CHALLENGE_INVALID')])
  t.match(await rowOf(byLink), { status: 'active', erase_at: null, epoch: 1 })
  t.equal(outcome(await me(a, byLink.accessToken)), '401 AUTH_TOKEN_INVALID')
  t.equal(outcome(await signIn(a, { email: byLink.email, password })), '200')
  const cancelled = (await auditOf(a, byLink.id)).filter(({ action }) => action === 'member.erasure-cancelled')
  t.match(cancelled, [{ actor: byLink.id }])
  const byCode = await leaving()
  t.equal(outcome(await keep({ challenge: byCode.challenge, code: byCode.code })), '204')
  t.equal(await eraseDueMembers(db, a.id), 0)
})

t.test('a second late, at another site, or with another mail’s link: 400 CHALLENGE_INVALID', async (t) => {
  const mine = await leaving()
  t.equal(outcome(await keep({ token: mine.token }, b)), '400 CHALLENGE_INVALID')
  const reset = await mailedReset(a, (await newMember(a)).email)
  t.equal(outcome(await keep({ token: reset.token })), '400 CHALLENGE_INVALID')
  t.equal(outcome(await resetPassword(a, { token: mine.token, password: 'the second password' })), '400 CHALLENGE_INVALID')
  const { erase_at: eraseAt } = await rowOf(mine)
  await isDue(mine)
  t.equal(outcome(await keep({ token: mine.token })), '400 CHALLENGE_INVALID', 'late')
  await data.owner.query('update members set erase_at = $2 where id = $1', [mine.id, eraseAt])
  t.equal(outcome(await keep({ token: mine.token })), '204', 'control')
})

t.test('the last owner stays: 409 LAST_OWNER; of two who leave at once one does', async (t) => {
  const owner = await open(a)
  t.equal(outcome(await leave(owner)), '409 LAST_OWNER')
  t.match(await rowOf(a.owner), { status: 'active', erase_at: null })
  const [one, two] = [await newMember(a, { role: 'owner' }), await newMember(a, { role: 'owner' })]
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [a.owner.id])
  t.same((await Promise.all([leave(one), leave(two)])).map(outcome).sort(), ['202', '409 LAST_OWNER'])
  await data.owner.query(`update members set status = 'active' where id = $1`, [a.owner.id])
})

t.test('when the time has come nothing is left but ids in the log; of everybody else all is', async (t) => {
  const mine: SignedIn = await newMember(a, { name: 'Zulmira Quaresma' })
  const other = await newMember(a)
  const [kept, early] = [await leaving(), await leaving()]
  await keep({ token: kept.token })
  // Addresses of before, and what lies at an address without a member.
  const moved = await ask(a, mine, { method: 'POST', url: '/v1/me/email', payload: { email: 'zulmira@other.example' } })
  for (const { challenge } of [moved.json().newAddress, moved.json().oldAddress]) {
    const { token } = await mint(a, challenge)
    t.equal(outcome(await post(a, '/v1/auth/email-change/confirm', { token })), '200')
  }
  await signUp(a, { email: 'zulmira@other.example', password: 'a password of mine', name: 'Zulmira' })
  await data.owner.query(
    `insert into invitations (tenant_id, id, email, email_key, role_id, expires_at)
     select tenant_id, gen_random_uuid(), 'zulmira@other.example', 'zulmira@other.example', id, now() from roles where tenant_id = $1 and slug = 'editor'`,
    [a.id],
  )
  await data.owner.query('insert into known_devices (tenant_id, member_id, device_hash) values ($1, $2, $3)', [a.id, mine.id, Buffer.alloc(32)])
  t.equal(outcome(await leave(mine)), '202')
  const traces = async () => {
    const found: string[] = []
    const { rows } = await data.owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    )
    for (const { name } of rows) {
      const text = `select 1 from ${name} x where x::text ~* 'zulmira|quaresma' or x::text like '%' || $1 || '%' or x::text like '%' || $2 || '%' limit 1`
      if ((await data.owner.query(text, [mine.id, mine.email])).rowCount) found.push(name)
    }
    return found
  }
  t.same(
    await traces(),
    [
      'audit_events',
      'email_challenges',
      'email_changes',
      'invitations',
      'known_devices',
      'mail_messages',
      'member_roles',
      'members',
      'passwords',
      'sessions',
    ],
    'control: all are looked through',
  )
  t.equal(await eraseDueMembers(db, a.id), 0, 'not yet')
  await isDue(mine)
  t.equal(await eraseDueMembers(app.database.forTenant(b.id), b.id), 0, 'another site erases its own')
  const members = async () => (await data.owner.query('select id from members where tenant_id = $1 order by id', [a.id])).rows.map(({ id }) => id)
  const before = await members()
  t.equal(await eraseDueMembers(db, a.id), 1)
  t.same(
    await members(),
    before.filter((id) => id !== mine.id),
  )
  t.same(await traces(), ['audit_events'])
  const { rows } = await data.owner.query(`select 1 from audit_events x where x::text ~* 'zulmira|quaresma' or x::text like '%' || $1 || '%'`, [
    mine.email,
  ])
  t.equal(rows.length, 0, 'there by its id alone')
  t.match((await auditOf(a, mine.id)).at(-1), { action: 'member.erased', actor_kind: 'system', actor: null, details: {} })
  t.equal(await eraseDueMembers(db, a.id), 0, 'once')
  t.equal((await me(a, other.accessToken)).statusCode, 200)
  t.match(await rowOf(early), { status: 'closing' })
  const again = await mailedSignUp(a, 'zulmira@other.example')
  t.equal(outcome(await confirmByLink(a, again.token)), '200', 'the address is free')
})

t.test('many at once, by two processes: each is erased once; whoever was taken back by staff is not', async (t) => {
  const ids: string[] = []
  for (let n = 0; n < 205; n++) {
    const { rows } = await data.owner.query(
      `insert into members (tenant_id, id, email, email_key, name, status, erase_at)
       values ($1, gen_random_uuid(), $2, $2, 'Gone', 'closing', now() - interval '1 second') returning id`,
      [a.id, `gone${n}@people.example`],
    )
    ids.push(rows[0].id)
  }
  const back = await newMember(a)
  await isDue(back)
  const deactivated = await leaving()
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [deactivated.id])
  await isDue(deactivated)
  const erased = await Promise.all([eraseDueMembers(db, a.id), eraseDueMembers(data.open({ max: 1 }).forTenant(a.id), a.id)])
  t.equal(erased[0] + erased[1], 206)
  const { rows } = await data.owner.query(`select target from audit_events where action = 'member.erased' and target = any($1)`, [ids])
  t.equal(rows.length, 205)
  t.match(await rowOf(back), { status: 'active' }, 'an active member is never erased')
  t.equal(await rowOf(deactivated), undefined, 'a deactivated one is')
  t.equal(await erasureChore.run(db, a.id), undefined)
  t.ok(erasureChore.name)
})

t.test('one whom staff deactivated in between can be kept, and stays deactivated', async (t) => {
  const mine = await leaving()
  await data.owner.query(`update members set status = 'deactivated' where id = $1`, [mine.id])
  t.equal(outcome(await keep({ token: mine.token })), '204')
  t.match(await rowOf(mine), { status: 'deactivated', erase_at: null })
})

t.test('an erasure that a thief asked for ends when the old address takes the account back', async (t) => {
  const mine = await newMember(a)
  const { newAddress, oldAddress } = (await ask(a, mine, { method: 'POST', url: '/v1/me/email', payload: { email: 'thief@other.example' } })).json()
  const toOld = await mint(a, oldAddress.challenge)
  for (const { token } of [await mint(a, newAddress.challenge), toOld]) await post(a, '/v1/auth/email-change/confirm', { token })
  t.equal(outcome(await leave(mine)), '202')
  t.equal((await mailsTo(a, 'thief@other.example')).at(-1).kind, 'keep-account', 'the thief alone was told')
  t.equal(outcome(await post(a, '/v1/auth/email-change/undo', { token: toOld.token })), '200')
  t.match(await rowOf(mine), { status: 'active', erase_at: null, email: mine.email })
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
})

t.test('it takes a session of this site with a recent proof, and an empty body: 401, 403, 400', async (t) => {
  const mine = await newMember(a)
  t.equal(outcome(await leave(mine, {}, b)), '401 AUTH_TOKEN_INVALID')
  for (const body of [{ memberId: a.owner.id }, { tenantId: b.id }, { eraseAt: '2026-01-01T00:00:00Z' }])
    t.equal(outcome(await leave(mine, body)), '400 REQUEST_INVALID')
  await proofOf(mine, 601)
  t.equal(outcome(await leave(mine)), '403 AUTH_PROOF_NEEDED')
  t.match(await rowOf(mine), { status: 'active', erase_at: null })
  await proofOf(mine, 590)
  t.equal(outcome(await leave(mine)), '202', 'control')
  t.equal((await challengeRow((await mailsTo(a, mine.email))[0].challenge_id)).purpose, 'keep-account')
})
