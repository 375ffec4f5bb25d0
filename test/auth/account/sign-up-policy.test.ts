import t, { type Test } from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { authCalls, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { send, signIn } = authCalls(app)
const { signUp, verifyEmail, confirmByLink, mailedSignUp, challengeRow, mailsTo, membersOf } = accountCalls(tools)
const right = { email: 'ana@people.example', password: 'a password of mine', name: 'Ana Maria' }
const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://site-a.example', 'accept-language': 'en' }

/** The policy as of now, once the service has heard of it. */
async function decide(t: Test, signUpMode: string, domains: string[] = []) {
  await data.owner.query(
    `insert into auth_policies (tenant_id, sign_up, sign_up_domains) values ($1, $2, $3)
     on conflict (tenant_id) do update set sign_up = $2, sign_up_domains = $3`,
    [a.id, signUpMode, domains],
  )
  await eventually(t, signUpMode, async () => (await send(a, { url: '/v1/auth/options' })).json().signUp === signUpMode)
}
const rows = async () =>
  (await data.owner.query('select (select count(*) from email_challenges) + (select count(*) from mail_messages) as n')).rows[0].n

t.test('by invitation, and closed: 403 SIGN_UP_CLOSED for every address, and nothing is written', async (t) => {
  for (const mode of ['invitation', 'closed']) {
    await decide(t, mode)
    const before = await rows()
    for (const email of [right.email, a.owner.email, 'nonsense']) t.equal(outcome(await signUp(a, { ...right, email })), '403 SIGN_UP_CLOSED', mode)
    t.equal(await rows(), before)
    t.equal(outcome(await signUp(b, right)), '202', 'another site is open')
  }
})

t.test('by domain: addresses of listed domains alone, whatever their form, and no sub-domain: 403 SIGN_UP_DOMAIN', async (t) => {
  await decide(t, 'domain', ['mezochi.st', 'xn--bcher-kva.example'])
  const allowed = ['ana@mezochi.st', 'ana@MEZOCHI.ST', 'ana@ｍezochi.st', 'ana@mezochi。st', 'ana@bücher.example', 'ana@bu\u0308cher.example']
  for (const email of allowed) t.equal(outcome(await signUp(a, { ...right, email })), '202', email)
  const refused = [
    right.email,
    'ana@mail.mezochi.st',
    'ana@mezochi.st.evil.example',
    'ana@evil-mezochi.st',
    'ana@mezochі.st',
    'mezochi.st@evil.example',
    'ana@bucher.example',
    a.owner.email,
  ]
  const before = await rows()
  for (const email of refused) t.equal(outcome(await signUp(a, { ...right, email })), '403 SIGN_UP_DOMAIN', email)
  t.equal(await rows(), before)
  for (const email of ['ana@mezochi.st@evil.example', 'ana@evil.example,ana@mezochi.st', 'ana@mezochi.st\0.evil.example'])
    t.equal(outcome(await signUp(a, { ...right, email })), '400 REQUEST_INVALID', email)
  const hash = t.capture(app.hasher, 'hash', app.hasher.hash)
  await signUp(a, right)
  t.equal(hash().length, 0, 'a refusal costs no hash')
})

t.test('a policy that was tightened since holds for sign-ups that are under way: 403; one that is eased lets them go on', async (t) => {
  await decide(t, 'open')
  const [byLink, byCode] = [await mailedSignUp(a, 'link@people.example'), await mailedSignUp(a, 'code@people.example')]
  const members = (await membersOf(a)).length
  for (const [mode, code, domains] of [
    ['closed', 'SIGN_UP_CLOSED', []],
    ['invitation', 'SIGN_UP_CLOSED', []],
    ['domain', 'SIGN_UP_DOMAIN', ['mezochi.st']],
  ] as const) {
    await decide(t, mode, [...domains])
    t.equal(outcome(await confirmByLink(a, byLink.token)), `403 ${code}`, mode)
    t.equal(outcome(await verifyEmail(a, { challenge: byCode.challenge, code: byCode.code })), `403 ${code}`, mode)
  }
  t.equal((await membersOf(a)).length, members)
  t.equal((await challengeRow(byLink.challenge)).spent_at, null)
  await decide(t, 'domain', ['people.example'])
  t.equal(outcome(await confirmByLink(a, byLink.token)), '200')
  t.equal(outcome(await verifyEmail(a, { challenge: byCode.challenge, code: byCode.code })), '200')
  const { rows: events } = await data.owner.query(`select * from audit_events where action = 'member.created' order by id`)
  const made = (await membersOf(a)).slice(-2)
  t.match(
    events,
    made.map(({ id }) => ({ tenant_id: a.id, actor_kind: 'member', actor: id, target: id, details: {} })),
  )
})

t.test('the page says so, in the visitor’s language, and leads to the sign-in: 200, and 403 for a form', async (t) => {
  await decide(t, 'closed')
  const titles = { pt: 'por convite', en: 'by invitation', fr: 'sur invitation' }
  for (const [language, says] of Object.entries(titles)) {
    const { statusCode, body } = await send(a, { url: '/account/sign-up' }, { headers: { 'accept-language': language } })
    t.equal(statusCode, 200)
    t.match(body, says)
    t.match(body, 'href="/account/sign-in"')
    t.notMatch(body, '<form')
  }
  const submit = (email: string) =>
    send(a, { method: 'POST', url: '/account/sign-up', payload: new URLSearchParams({ ...right, email }).toString() }, { headers: form })
  const refused = await submit(right.email)
  t.equal(refused.statusCode, 403)
  t.match(refused.body, 'by invitation')
  await decide(t, 'domain', ['mezochi.st'])
  t.match((await send(a, { url: '/account/sign-up' })).body, '<form', 'a form again')
  const elsewhere = await submit(right.email)
  t.equal(elsewhere.statusCode, 403)
  t.match(elsewhere.body, /<a href="#email">This site takes addresses of certain domains only/)
  t.match(elsewhere.body, `value="${right.email}"`)
  t.equal((await submit('page@mezochi.st')).statusCode, 200)
  t.equal((await mailsTo(a, 'page@mezochi.st')).length, 1)
  t.equal(outcome(await signIn(a, { email: a.owner.email, password: 'wrong' })), '401 AUTH_INVALID_CREDENTIALS', 'signing in is another matter')
})
