import t from 'tap'
import { createTestApp, password } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { addConsole, reason } from '../../platform/operators/console.ts'
import { authCalls, cookieHeader, outcome } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { alertIn, hiddenIn, isKept, pagePeople } from './page-people.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { open, post, signIn } = authCalls(app)
const { mint, mailsTo } = accountCalls(tools)
const { visitor, member, ageProof } = pagePeople(tools)
const rowOf = async ({ id }: { id: string }) => (await data.owner.query('select * from members where id = $1', [id])).rows[0]

const sensitive = ['/account/profile/email', '/account/profile/password', '/account/profile/erase']
const forms = ['/account/profile', '/account/profile/email/cancel', ...sensitive]

t.test('the overview tells name, address, roles by name, password, second factor and sessions: 200', async (t) => {
  const mine = await member(a, { role: 'editor' })
  await signIn(a, { email: mine.email, password })
  const page = await mine.open('/account', { 'accept-language': 'fr' })
  t.equal(page.statusCode, 200)
  t.notOk(isKept(page))
  for (const told of ['Ana &#60;b&#62;', mine.email, 'Rédacteur', 'choisi le <time datetime="20', '<dd>non</dd>', '<dd>2</dd>'])
    t.ok(page.body.includes(told), told)
  for (const address of ['profile', 'profile/password', 'security', 'sessions']) t.match(page.body, `href="/account/${address}"`)
  await data.owner.query('delete from passwords where member_id = $1', [mine.id])
  await data.owner.query(`update roles set name = 'Desk <i>' where tenant_id = $1 and slug = 'editor'`, [a.id])
  const later = (await mine.open('/account')).body
  await data.owner.query(`update roles set name = 'Editor' where tenant_id = $1 and slug = 'editor'`, [a.id])
  t.match(later, '<dt>Password</dt><dd>none</dd>')
  t.match(later, 'Desk &#60;i&#62;', 'a role that the site renamed has the site’s name')
})

t.test('name and language are changed and said in the new language at once: 303, 200', async (t) => {
  const mine = await member(a)
  const changed = await mine.submit('/account/profile', { name: '  Ana d’Alva ', language: 'fr' })
  t.equal(changed.statusCode, 303, changed.body)
  t.equal(changed.headers.location, '/account/profile?done=saved')
  t.match(await rowOf(mine), { name: 'Ana d’Alva', language: 'fr' })
  const page = await mine.open('/account/profile?done=saved')
  t.match(page.body, '<html lang="fr">')
  t.match(page.body, 'Le nom et la langue sont enregistrés.')
  t.match(page.body, '<option value="fr" selected>Français</option>')
  t.match(page.body, 'value="Ana d&#8217;Alva"'.replace('&#8217;', '’'))
  t.notMatch((await mine.open('/account/profile?done=%3Cb%3E')).body, 'role="status"')
  t.equal((await mine.submit('/account/profile', { name: 'Ana', language: '' })).statusCode, 303)
  t.equal((await rowOf(mine)).language, null, 'as the site does')
  const wrong = await mine.submit('/account/profile', { name: 'A\nB', language: 'pt' })
  t.equal(wrong.statusCode, 400)
  t.match(alertIn(wrong.body), 'Write your name, on one line.')
  t.match(wrong.body, '<option value="pt" selected>')
  t.equal((await mine.submit('/account/profile', { name: 'Ana', language: 'pt', role: 'owner' })).statusCode, 400)
  t.equal((await mine.submit('/account/profile', { name: 'Ana', language: 'xx' })).statusCode, 400)
})

t.test('a change of address: 303 to the profile, which takes the codes of both mails; another address is refused', async (t) => {
  const mine = await member(a)
  const fresh = `new-${mine.email}`
  for (const [email, text] of [
    [mine.email, 'That is the address of your account already.'],
    ['nonsense', 'Write a complete email address'],
  ] as const) {
    const refused = await mine.submit('/account/profile/email', { email })
    t.equal(refused.statusCode, 400)
    t.match(alertIn(refused.body), text)
  }
  const asked = await mine.submit('/account/profile/email', { email: fresh })
  t.equal(asked.statusCode, 303, asked.body)
  t.equal(asked.headers.location, '/account/profile')
  const waits = await mine.open('/account/profile')
  t.match(waits.body, `Change to ${fresh} to be confirmed`)
  t.match(waits.body, 'Look into both mailboxes')
  t.match((await mine.open('/account/profile/email')).body, 'this one takes its place')
  const challenge = hiddenIn(waits.body, 'challenge')
  const { code } = await mint(a, challenge)
  const mistyped = await mine.submit('/account/confirm-email', { challenge, code: code === '000000' ? '000001' : '000000' })
  t.equal(mistyped.statusCode, 400)
  t.match(mistyped.body, 'name="code"', 'it may be typed again')
  t.match((await mine.submit('/account/confirm-email', { challenge, code })).body, 'Address confirmed')
  const half = await mine.open('/account/profile')
  t.match(half.body, 'The new address is confirmed.')
  t.equal(hiddenIn(half.body, 'answer'), 'confirm')
  const old = await mint(a, hiddenIn(half.body, 'challenge'))
  const done = await mine.submit('/account/change-email', { challenge: old.challenge, code: old.code, answer: 'confirm' })
  t.match(done.body, 'Address changed')
  t.equal((await rowOf(mine)).email, fresh)
  t.match((await mine.open('/account/profile')).body, `The address of your account is ${fresh}.`, 'the session that asked goes on')
})

t.test('a pending change is dropped by its button, without a fresh proof: 303', async (t) => {
  const mine = await member(a)
  await mine.submit('/account/profile/email', { email: `other-${mine.email}` })
  await ageProof(mine)
  t.match((await mine.open('/account/profile')).body, 'action="/account/profile/email/cancel"')
  const dropped = await mine.submit('/account/profile/email/cancel')
  t.equal(dropped.headers.location, '/account/profile?done=cancelled')
  t.notMatch((await mine.open('/account/profile')).body, 'other-')
  t.equal((await rowOf(mine)).email, mine.email)
})

t.test('the password is changed with the one of now: 303; a wrong one answers 403 at its field; without one only the new is asked for', async (t) => {
  const mine = await member(a)
  const wrong = await mine.submit('/account/profile/password', { currentPassword: 'not my password', password: 'another password of mine' })
  t.equal(wrong.statusCode, 403)
  t.match(alertIn(wrong.body), '<a href="#currentPassword">The present password is not right.</a>')
  t.notMatch(wrong.body, 'another password')
  const weak = await mine.submit('/account/profile/password', { currentPassword: password, password: 'short' })
  t.equal(weak.statusCode, 400)
  t.match(alertIn(weak.body), '#password')
  const done = await mine.submit('/account/profile/password', { currentPassword: password, password: 'another password of mine' })
  t.equal(done.headers.location, '/account/profile?done=password', done.body)
  t.equal(outcome(await signIn(a, { email: mine.email, password: 'another password of mine' })), '200')
  t.match((await mine.open('/account/profile?done=password')).body, 'The password has been changed.')
  await data.owner.query('delete from passwords where member_id = $1', [mine.id])
  const first = await mine.open('/account/profile/password')
  t.match(first.body, 'Choose a password')
  t.notMatch(first.body, 'currentPassword')
  t.equal((await mine.submit('/account/profile/password', { password: 'a first password of mine' })).statusCode, 303)
  t.equal(outcome(await signIn(a, { email: mine.email, password: 'a first password of mine' })), '200')
})

t.test('the export is the API’s file: 200 as an attachment', async (t) => {
  const mine = await member(a)
  const file = await mine.open('/account/export')
  t.equal(file.statusCode, 200)
  t.equal(file.headers['content-disposition'], 'attachment; filename="my-account.json"')
  t.notOk(isKept(file))
  t.match(file.json(), { profile: { id: mine.id, email: mine.email }, sessions: [{}] })
})

t.test('erasure asks for a tick: 400 without; then the page says until when, cookies go, and the mail’s code undoes it', async (t) => {
  const mine = await member(a)
  const unsure = await mine.submit('/account/profile/erase')
  t.equal(unsure.statusCode, 400)
  t.match(alertIn(unsure.body), 'Tick that you want to erase the account.')
  t.equal((await rowOf(mine)).status, 'active')
  const gone = await mine.submit('/account/profile/erase', { agree: 'yes' })
  t.equal(gone.statusCode, 200)
  t.notOk(isKept(gone))
  const { status, erase_at: eraseAt } = await rowOf(mine)
  t.equal(status, 'closing')
  t.match(gone.body, `<time datetime="${eraseAt.toISOString()}">`)
  t.match(gone.body, 'All sessions have been ended.')
  t.notMatch(gone.body, '<nav', 'nobody is signed in any more')
  t.same(
    gone.cookies.map(({ value }) => value),
    ['', ''],
  )
  await eventually(t, 'the session is over', async () => (await mine.open('/account')).statusCode === 303)
  const { challenge, code } = await mint(a, hiddenIn(gone.body, 'challenge'))
  const kept = await visitor(a).submit('/account/keep-account', { challenge, code })
  t.match(kept.body, 'The account stays')
  t.equal((await rowOf(mine)).status, 'active')
})

t.test('the only owner cannot be erased: 409 in words', async (t) => {
  const answer = await signIn(a, { email: a.owner.email, password, transport: 'cookie' })
  const refused = await visitor(a, cookieHeader(answer)).submit('/account/profile/erase', { agree: 'yes' })
  t.equal(refused.statusCode, 409)
  t.match(alertIn(refused.body), 'You are the only owner of this site.')
})

t.test('sensitive pages and forms send whoever proved it too long ago to do so, and do nothing: 303', async (t) => {
  const mine = await member(a)
  t.equal((await mine.open('/account/profile/erase')).statusCode, 200, 'while it is fresh')
  await ageProof(mine)
  for (const address of sensitive) {
    const to = `/account/reauthenticate?return_to=${encodeURIComponent(address)}`
    t.equal((await mine.open(address)).headers.location, to)
    const fields = { agree: 'yes', email: 'x@people.example', currentPassword: password, password: 'another password of mine' }
    const sent = await mine.submit(address, fields)
    t.equal(sent.statusCode, 303)
    t.equal(sent.headers.location, to)
  }
  t.equal((await mine.open('/account/export')).headers.location, '/account/reauthenticate?return_to=%2Faccount%2Fprofile')
  t.match(await rowOf(mine), { status: 'active', email: mine.email })
  t.same((await mailsTo(a, 'x@people.example')).length, 0)
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
  t.equal((await mine.submit('/account/profile', { name: 'Ana', language: '' })).headers.location, '/account/profile?done=saved', 'a name needs none')
})

t.test('an operator who acts as a member sees the overview, and is refused everything else in words: 403, nothing done', async (t) => {
  const console = await addConsole(tools)
  const mine = await member(a)
  await mine.submit('/account/profile/email', { email: `kept-${mine.email}` })
  const { accessToken } = await open(console)
  const entry = await post(
    console,
    '/v1/sites/site-a/entries',
    { member: mine.email, reason },
    { headers: { authorization: `Bearer ${accessToken}` } },
  )
  const entered = await visitor(a).submit('/account/enter', { token: entry.json().token })
  const operator = visitor(a, cookieHeader(entered).replace(/__Host-refresh=;? ?/, ''))
  const overview = await operator.open('/account')
  t.equal(overview.statusCode, 200)
  t.match(overview.body, reason)
  t.match(overview.body, mine.email)
  t.equal((await mine.open('/account/profile')).statusCode, 200, 'the member may')
  for (const address of ['/account/profile', ...sensitive, '/account/export']) {
    const refused = await operator.open(address)
    t.equal(refused.statusCode, 403, address)
    t.match(alertIn(refused.body), 'Only the member can do this')
    t.notMatch(refused.body, 'kept-')
    t.notOk(isKept(refused))
  }
  for (const address of forms) {
    const fields = {
      name: 'Olga',
      language: 'en',
      agree: 'yes',
      email: 'olga@people.example',
      currentPassword: password,
      password: 'a password of Olga',
    }
    const refused = await operator.submit(address, fields)
    t.equal(refused.statusCode, 403, address)
    t.match(alertIn(refused.body), 'Only the member can do this')
  }
  t.match(await rowOf(mine), { name: 'Ana <b>', status: 'active', email: mine.email })
  t.match((await mine.open('/account/profile')).body, 'kept-', 'the pending change is there still')
  t.equal(outcome(await signIn(a, { email: mine.email, password })), '200')
})

t.test('visitors are sent to sign in: 303; forms of another site are refused: 403; no page is kept', async (t) => {
  const mine = await member(a)
  const elsewhere = { origin: 'https://evil.example' }
  for (const address of ['/account/profile', ...sensitive, '/account/export']) {
    t.match(String((await visitor(a).open(address)).headers.location), '/account/sign-in?return_to=')
    t.notOk(isKept(await mine.open(address)), address)
  }
  for (const address of forms) {
    const fields = { name: 'Evil', language: '', agree: 'yes', email: 'x@people.example' }
    t.equal((await mine.submit(address, fields, elsewhere)).statusCode, 403, address)
    t.equal((await mine.submit(address, fields, { ...elsewhere, 'sec-fetch-site': 'cross-site' })).statusCode, 403, address)
    t.equal((await visitor(b).submit(address, fields)).statusCode, 303)
  }
  t.match(await rowOf(mine), { name: 'Ana <b>', status: 'active' })
})
