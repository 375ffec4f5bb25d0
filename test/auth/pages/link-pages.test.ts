import t from 'tap'
import { password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { outcome } from '../auth-calls.ts'
import { createStaffApp } from '../staff/staff-calls.ts'
import { alertIn, hiddenIn, isKept, pagePeople } from './page-people.ts'

const tools = await createStaffApp(t)
const { data, a, b, send, signIn, mint, mailsTo, linkOf, enter } = tools
const { visitor, member } = pagePeople(tools)
const anybody = visitor(a)
const rowOf = async ({ id }: { id: string }) => (await data.owner.query('select * from members where id = $1', [id])).rows[0]
const isLive = async (challenge: string) => {
  const { rows } = await data.owner.query('select spent_at is null and expires_at > now() as live from email_challenges where id = $1', [challenge])
  return rows[0]?.live
}
const owner = await enter(a, a.owner)

/** As scanners of mail do before their reader comes. */
async function look(page: string, token: string) {
  for (let time = 0; time < 5; time++) {
    await send(a, { method: 'GET', url: `/account/${page}?token=${token}&utm_source=x` })
    await send(a, { method: 'HEAD', url: `/account/${page}?token=${token}` })
  }
}

/** A member who wants another address, and whose mails have been sent. */
async function changing() {
  const mine = await member(a)
  const fresh = `new-${mine.email}`
  const asked = await mine.submit('/account/profile/email', { email: fresh })
  if (asked.statusCode !== 303) throw new Error(asked.body)
  const [old] = (await mailsTo(a, mine.email)).filter(({ kind }) => kind === 'email-change-old')
  const [other] = await mailsTo(a, fresh)
  return { ...mine, fresh, old: await mint(a, old.challenge_id), other: await mint(a, other.challenge_id) }
}

async function invited(email: string, role = 'editor') {
  const answer = await owner.ask('POST', '/v1/invitations', { email, role })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return linkOf(a, email)
}

t.test('a change of address is confirmed by both links; looking spends nothing', async (t) => {
  const { id, email, fresh, old, other } = await changing()
  await look('confirm-email', other.token)
  await look('change-email', old.token)
  const page = await anybody.open(`/account/confirm-email?token=${other.token}`)
  t.equal(page.statusCode, 200)
  t.notOk(isKept(page))
  t.match(page.body, fresh)
  t.match((await anybody.submit('/account/confirm-email', { token: other.token })).body, 'the address that the account has now')
  t.match((await anybody.open(`/account/confirm-email?token=${other.token}`)).body, 'This link is void')
  const side = await anybody.open(`/account/change-email?token=${old.token}`)
  t.match(side.body, 'n•••@people.example', 'hidden from what may be a stranger')
  t.notMatch(side.body, fresh)
  t.match(side.body, 'Confirm the change</button>')
  t.match(side.body, 'Keep this address</button>')
  t.equal((await rowOf({ id })).email, email)
  t.match((await anybody.submit('/account/change-email', { token: old.token, answer: 'confirm' })).body, 'Address changed')
  t.equal((await rowOf({ id })).email, fresh)
  const after = await anybody.open(`/account/change-email?token=${old.token}`)
  t.match(after.body, 'Get this address back</button>')
  t.notMatch(after.body, 'Confirm the change</button>')
  const back = await anybody.submit('/account/change-email', { token: old.token, answer: 'keep' })
  t.match(back.body, 'Your account has this address again')
  t.match(back.body, 'href="/account/forgot-password"')
  t.equal((await rowOf({ id })).email, email)
  t.match((await anybody.open(`/account/change-email?token=${old.token}`)).body, 'This link is void')
})

t.test('the old address says first that it agrees, or that it stays', async (t) => {
  const one = await changing()
  t.match((await anybody.submit('/account/change-email', { token: one.old.token, answer: 'confirm' })).body, 'mail that we sent to the new address')
  const half = (await anybody.open(`/account/change-email?token=${one.old.token}`)).body
  t.match(half, 'You can still keep this one.')
  t.notMatch(half, 'Confirm the change</button>')
  t.match((await anybody.submit('/account/change-email', { token: one.old.token, answer: 'keep' })).body, 'The address stays')
  t.equal((await rowOf(one)).email, one.email)
  const void_ = await anybody.submit('/account/confirm-email', { token: one.other.token })
  t.equal(void_.statusCode, 400)
  t.match(alertIn(void_.body), 'Ask for another mail')
  t.match(void_.body, 'href="/account/profile"')
  t.notMatch(void_.body, '<form method="post" action="/account/confirm-email"')
  t.equal((await anybody.submit('/account/change-email', { token: one.old.token })).statusCode, 400, 'without an answer')
})

t.test('the link of an erasure’s mail says when and keeps the account; looking spends nothing', async (t) => {
  const mine = await member(a)
  const gone = await mine.submit('/account/profile/erase', { agree: 'yes' })
  const { token, challenge } = await mint(a, hiddenIn(gone.body, 'challenge'))
  await look('keep-account', token)
  t.ok(await isLive(challenge))
  const page = await anybody.open(`/account/keep-account?token=${token}`)
  t.equal(page.statusCode, 200)
  t.notOk(isKept(page))
  t.match(page.body, (await rowOf(mine)).erase_at.toISOString())
  t.equal((await visitor(b).submit('/account/keep-account', { token })).statusCode, 400, 'at another site it is nothing')
  t.match((await anybody.submit('/account/keep-account', { token })).body, 'The account stays')
  t.match(await rowOf(mine), { status: 'active', erase_at: null })
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  t.match((await anybody.open(`/account/keep-account?token=${token}`)).body, 'This link is void')
  t.equal((await anybody.submit('/account/keep-account', { token })).statusCode, 400)
})

t.test('an invitation shows site, role and inviter, and ends signed in: 303; looking spends nothing', async (t) => {
  const { token, challenge, code } = await invited('guest1@people.example')
  await look('invitation', token)
  t.ok(await isLive(challenge))
  const page = await anybody.open(`/account/invitation?token=${token}`, { 'accept-language': 'pt' })
  t.equal(page.statusCode, 200)
  t.notOk(isKept(page))
  for (const told of ['Name of site-a', 'Redator', 'Owner', 'guest1@people.example']) t.ok(page.body.includes(told), told)
  const weak = await anybody.submit('/account/invitation', { token, name: 'Guest', password: 'guest1' })
  t.equal(weak.statusCode, 400)
  t.match(alertIn(weak.body), '#password')
  t.match(weak.body, 'value="Guest"')
  t.equal(hiddenIn(weak.body, 'token'), token)
  t.equal(
    (await anybody.submit('/account/invitation', { challenge, code, name: 'Guest', password: 'chosen at the link' })).statusCode,
    400,
    'no code',
  )
  const accepted = await anybody.submit('/account/invitation', { token, name: ' Guest ', password: 'chosen at the link' })
  t.equal(accepted.statusCode, 303, accepted.body)
  t.equal(accepted.headers.location, '/account')
  t.same(
    accepted.cookies
      .map(({ name }) => name)
      .sort()
      .slice(0, 2),
    ['__Host-access', '__Host-device'],
  )
  t.equal(outcome(await signIn(a, { email: 'guest1@people.example', password: 'chosen at the link' })), '200')
  t.match((await anybody.open(`/account/invitation?token=${token}`)).body, 'This link is void')
  t.equal((await anybody.submit('/account/invitation', { token, name: 'Guest', password: 'chosen at the link' })).statusCode, 400)
})

t.test('an invitation of a site that takes nobody any more answers 403 in words', async (t) => {
  const { token } = await invited('guest2@people.example')
  await data.owner.query(
    `insert into auth_policies (tenant_id, sign_up) values ($1, 'closed') on conflict (tenant_id) do update set sign_up = 'closed'`,
    [a.id],
  )
  t.teardown(() => data.owner.query('delete from auth_policies where tenant_id = $1', [a.id]))
  const fields = { token, name: 'Guest', password: 'chosen at the link' }
  const invite = () => owner.ask('POST', '/v1/invitations', { email: 'guest3@people.example', role: 'editor' })
  await eventually(t, 'the policy is known', async () => outcome(await invite()) === '403 SIGN_UP_CLOSED')
  t.equal((await anybody.submit('/account/invitation', fields)).statusCode, 403)
  t.match(alertIn((await anybody.submit('/account/invitation', fields)).body), 'takes no new accounts')
})

t.test('void links say so, none says to open the mail, and both offer the way on: 200', async (t) => {
  for (const page of ['confirm-email', 'change-email', 'keep-account', 'invitation']) {
    for (const token of ['A'.repeat(43), 'x', '"><script>']) {
      const answer = await anybody.open(`/account/${page}?token=${encodeURIComponent(token)}`)
      t.equal(answer.statusCode, 200, page)
      t.notOk(isKept(answer))
      t.match(answer.body, 'This link is void')
      t.match(answer.body, /<p class="more"><a href="\/account\//)
      t.notMatch(answer.body, '<script')
    }
    t.match((await anybody.open(`/account/${page}`)).body, 'Open the link in the mail')
  }
})

t.test('forms of another site’s page are refused: 403', async (t) => {
  const { other, old, id, email } = await changing()
  const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const posts: [string, Record<string, string>][] = [
    ['confirm-email', { token: other.token }],
    ['change-email', { token: old.token, answer: 'keep' }],
    ['keep-account', { token: other.token }],
    ['invitation', { token: other.token, name: 'Evil', password: 'chosen at the link' }],
  ]
  for (const [page, fields] of posts) t.equal((await anybody.submit(`/account/${page}`, fields, elsewhere)).statusCode, 403, page)
  t.ok((await isLive(old.challenge)) && (await isLive(other.challenge)))
  t.equal((await rowOf({ id })).email, email)
})
