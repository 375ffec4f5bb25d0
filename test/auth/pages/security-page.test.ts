import t from 'tap'
import { createTestApp } from '../../app.ts'
import { eventually } from '../../eventually.ts'
import { addConsole, reason } from '../../platform/operators/console.ts'
import { authCalls, cookieHeader } from '../auth-calls.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'
import { openLimits } from '../minted.ts'
import { hiddenIn, pageCalls } from './member-pages.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { data, a } = tools
const { person, withTotp, withPasskey, setPolicy } = factorCalls(tools)
const { enter, age, visitor } = pageCalls(tools)
const { open: openSession, post } = authCalls(tools.app)
const secretOf = (body: string) => (/id="secret">([A-Z2-7 ]+)</.exec(body)?.[1] ?? '').replaceAll(' ', '')
const codesIn = (body: string) => body.match(/<li>[0-9a-z]{5}-[0-9a-z]{5}<\/li>/gi) ?? []
const factorsOf = async (id: string) => {
  const { rows } = await data.owner.query(
    `select (select count(*)::int from totp_factors where member_id = $1 and confirmed_at is not null) as totp,
      (select count(*)::int from passkeys where member_id = $1) as passkeys, (select count(*)::int from recovery_codes where member_id = $1) as codes`,
    [id],
  )
  return rows[0]
}

t.test('an app is set up on its page: 303, 200 with secret and picture, codes shown once, and listed after that', async (t) => {
  const who = await person(a)
  const { open, submit } = await enter(who)
  t.match((await open('security')).body, 'You have none. An app')
  t.match((await open('security/totp')).body, 'name="appName"')
  t.equal((await submit('security/totp', { appName: ' ' })).statusCode, 400)
  const begun = await submit('security/totp', { appName: ' My <phone> ' })
  t.equal(begun.statusCode, 303)
  t.equal(begun.headers.location, '/account/security/totp')
  const page = await open('security/totp')
  t.match(page.body, '<svg')
  t.match(page.body, 'My &#60;phone&#62;')
  const [secret, factor] = [secretOf(page.body), hiddenIn(page, 'factor')]
  t.equal(secretOf((await open('security/totp')).body), secret, 'loading it again keeps the secret')
  const wrong = await submit('security/totp/confirm', { factor, code: wrongCode(secret) })
  t.equal(wrong.statusCode, 400)
  t.match(wrong.body, 'That is not the code that the app should show')
  t.equal(secretOf(wrong.body), secret)
  t.match((await submit('security/totp/confirm', { factor, code: '12' })).body, 'The code has six digits.')
  t.same(await factorsOf(who.id), { totp: 0, passkeys: 0, codes: 0 })
  const confirmed = await submit('security/totp/confirm', { factor, code: totpCode(secret) })
  t.equal(confirmed.statusCode, 200)
  t.equal(codesIn(confirmed.body).length, 10)
  t.equal(confirmed.headers['cache-control'], 'no-store')
  t.same(await factorsOf(who.id), { totp: 1, passkeys: 0, codes: 10 })
  const listed = await open('security')
  t.match(listed.body, '<strong>My &#60;phone&#62;</strong>')
  t.match(listed.body, 'You have 10 codes left.')
  t.equal(codesIn(listed.body).length, 0)
  t.match((await submit('security/totp/confirm', { factor, code: totpCode(secret) })).body, 'That is gone, or the ten minutes are over.')
  const id = /id="factor-([0-9a-f-]{36})"/.exec(listed.body)?.[1] ?? ''
  const removed = await submit('security/totp/remove', { factor: id })
  t.equal(removed.headers.location, '/account/security?done=appRemoved')
  t.match((await open('security?done=appRemoved')).body, 'The app was removed.')
  t.same(await factorsOf(who.id), { totp: 0, passkeys: 0, codes: 0 })
  t.equal((await submit('security/totp/remove', { factor: id })).statusCode, 404)
})

t.test('a second app brings no codes: 303 to the list', async (t) => {
  const who = await person(a)
  const { open, submit } = await enter(who)
  await withTotp(who)
  await submit('security/totp', { appName: 'Tablet' })
  const page = await open('security/totp')
  const added = await submit('security/totp/confirm', { factor: hiddenIn(page, 'factor'), code: totpCode(secretOf(page.body)) })
  t.equal(added.statusCode, 303)
  t.equal(added.headers.location, '/account/security?done=appAdded')
  t.match((await open('security?done=appAdded')).body, 'The app was added.')
})

t.test('new recovery codes end the old ones, after a page that says so: 200; without a factor 409', async (t) => {
  const who = await person(a)
  const bare = await person(a)
  const { open, submit } = await enter(who)
  const { recoveryCodes } = await withTotp(who)
  t.match((await open('security/recovery-codes')).body, 'no longer work')
  const made = await submit('security/recovery-codes')
  t.equal(made.statusCode, 200)
  t.equal(made.headers['cache-control'], 'no-store')
  t.equal(codesIn(made.body).length, 10)
  t.notOk(recoveryCodes.some((code) => made.body.includes(code)))
  t.equal((await factorsOf(who.id)).codes, 10)
  const refused = await (await enter(bare)).submit('security/recovery-codes')
  t.equal(refused.statusCode, 409)
  t.match(refused.body, 'your account has none')
})

t.test('a passkey is renamed and removed by its owner alone: 303, else 404', async (t) => {
  const [who, other] = [await person(a), await person(a)]
  const mine = await enter(who)
  const { id } = await withPasskey(who)
  const theirs = await enter(other)
  t.match((await mine.open(`security/passkey/rename?passkey=${id}`)).body, 'value="Laptop"')
  t.equal((await theirs.open(`security/passkey/rename?passkey=${id}`)).statusCode, 404)
  t.equal((await theirs.submit('security/passkey/rename', { passkey: id, passkeyName: 'Stolen' })).statusCode, 404)
  t.equal((await theirs.submit('security/passkey/remove', { passkey: id })).statusCode, 404)
  t.match((await mine.submit('security/passkey/rename', { passkey: id, passkeyName: '' })).body, 'Write a name of up to 100 characters')
  t.equal((await mine.submit('security/passkey/rename', { passkey: id, passkeyName: 'Old laptop' })).statusCode, 303)
  t.match((await mine.open('security')).body, '<strong>Old laptop</strong>')
  t.equal((await mine.submit('security/passkey/remove', { passkey: id })).headers.location, '/account/security?done=passkeyRemoved')
  t.notMatch((await mine.open('security')).body, 'Old laptop')
})

t.test('where the site requires a factor, the last one stays: 409 in words', async (t) => {
  const who = await person(a)
  const { submit, open } = await enter(who)
  const { id } = await withTotp(who)
  await setPolicy(a, { secondFactor: 'required' })
  t.teardown(() => setPolicy(a, {}))
  const refused = await submit('security/totp/remove', { factor: id })
  t.equal(refused.statusCode, 409)
  t.match(refused.body, 'this is your last one')
  t.match(refused.body, '<h2>Authenticator apps</h2>')
  t.match((await open('security')).body, 'you cannot be without one')
  t.equal((await factorsOf(who.id)).totp, 1)
})

t.test('passkeys: a button where they work, a reason where they do not', async (t) => {
  const who = await person(a)
  const { open } = await enter(who)
  const page = await open('security/passkey')
  t.match(page.body, 'data-passkey="register"')
  const [, script = ''] = /<script type="module" src="([^"]+)"><\/script>/.exec(page.body) ?? []
  t.match(String(page.headers['content-security-policy']), "script-src 'self'")
  t.notMatch(String((await open('security')).headers['content-security-policy']), 'script-src')
  t.match((await tools.app.inject(script)).headers['content-type'], 'javascript')
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'alias.site-a.example', 'verified')`, [a.id])
  await eventually(t, 'the alias serves', async () => (await open('security', { host: 'alias.site-a.example' })).statusCode === 200)
  for (const url of ['security', 'security/passkey']) {
    const alias = await open(url, { host: 'alias.site-a.example' })
    t.match(alias.body, 'at the main address of the site only')
    t.notMatch(alias.body, 'data-passkey="')
  }
  await setPolicy(a, { passkeys: false })
  t.teardown(() => setPolicy(a, {}))
  t.match((await open('security/passkey')).body, 'This site uses no passkeys.')
  t.match((await open('security')).body, 'This site uses no passkeys.')
})

const posts = [
  'security/totp',
  'security/totp/confirm',
  'security/totp/remove',
  'security/passkey/rename',
  'security/passkey/remove',
  'security/recovery-codes',
  'sessions/end',
  'sessions/end-others',
  'sessions/sign-out-everywhere',
  'reauthenticate',
  'reauthenticate/mail',
]
const gets = ['security', 'security/totp', 'security/passkey', 'security/recovery-codes', 'sessions', 'reauthenticate']

t.test('a form of another site is refused: 403, and nothing is done', async (t) => {
  const who = await person(a)
  const { open, submit } = await enter(who)
  for (const page of posts) {
    t.equal((await submit(page, {}, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })).statusCode, 403, page)
  }
  t.equal((await open('sessions')).statusCode, 200, 'the session goes on')
})

t.test('without a recent proof the sensitive ones lead to it: 303; seeing, renaming and leaving do not', async (t) => {
  const who = await person(a)
  const { open, submit } = await enter(who)
  await age(who)
  const wanted = (answer: { headers: { location?: string | undefined } }) => String(answer.headers.location)
  for (const page of ['security/totp', 'security/passkey', 'security/recovery-codes'])
    t.equal(wanted(await open(page)), `/account/reauthenticate?return_to=${encodeURIComponent(`/account/${page}`)}`)
  for (const page of posts.slice(0, 8).filter((name) => name !== 'security/passkey/rename'))
    t.match(wanted(await submit(page, {})), '/account/reauthenticate?return_to=%2Faccount%2F', page)
  const seen = await open('security')
  t.equal(seen.statusCode, 200)
  t.match(seen.body, 'first confirm that it is you')
  t.equal((await open('sessions')).statusCode, 200)
  t.equal(wanted(await submit('sessions/sign-out-everywhere')), '/account/signed-out')
})

t.test('every page is kept by nobody, tells an operator 403 in words, and sends a stranger to sign in: 303', async (t) => {
  const who = await person(a)
  const { open } = await enter(who)
  for (const page of gets) {
    const answer = await open(page)
    t.equal(answer.statusCode, 200, page)
    t.equal(answer.headers['cache-control'], 'no-store', page)
    t.equal((await open(page, { cookie: '' })).statusCode, 303)
  }
  const console = await addConsole(tools)
  const bearer = { headers: { authorization: `Bearer ${(await openSession(console)).accessToken}` } }
  const entry = (await post(console, '/v1/sites/site-a/entries', { member: who.email, reason }, bearer)).json()
  const operator = visitor(who, cookieHeader(await post(a, '/v1/auth/enter', { token: entry.token, transport: 'cookie' })))
  t.equal((await operator.open('')).statusCode, 200, 'the operator is in')
  for (const page of gets) {
    const refused = await operator.open(page)
    t.equal(refused.statusCode, 403, page)
    t.equal(refused.headers['cache-control'], 'no-store', page)
    t.match(refused.body, 'Only the member can do this', page)
  }
  for (const page of posts) t.equal((await operator.submit(page)).statusCode, 403, page)
})
