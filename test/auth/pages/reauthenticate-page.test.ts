import t from 'tap'
import { createTestApp, password } from '../../app.ts'
import { cookieHeader } from '../auth-calls.ts'
import { factorCalls, totpCode, wrongCode } from '../factor-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { pageCalls } from './member-pages.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { data, a } = tools
const { person, withTotp, withPasskey } = factorCalls(tools)
const { enter, age, visitor } = pageCalls(tools)
const { mint } = accountCalls(tools)
const back = { return_to: '/account/security/totp' }
const page = `reauthenticate?${new URLSearchParams(back)}`

t.test('the password renews the proof and the cookies: 303 back, and the page there opens', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  await age(who)
  const form = await mine.open(page)
  t.match(form.body, 'name="currentPassword"')
  t.notMatch(form.body, 'name="code"')
  t.notMatch(form.body, 'data-passkey="')
  const answer = await mine.submit('reauthenticate', { currentPassword: password, ...back })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, back.return_to)
  t.same(answer.cookies.map(({ name }) => name).sort(), ['__Host-access', '__Host-refresh'])
  t.equal((await visitor(who, cookieHeader(answer)).open('security/totp')).statusCode, 200)
})

t.test('a wrong or missing password is told in words: 403, 400; many answer 429; the session goes on', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  await age(who)
  const wrong = await mine.submit('reauthenticate', { currentPassword: 'wrong', ...back })
  t.equal(wrong.statusCode, 403)
  t.match(wrong.body, 'That does not prove that it is you.')
  t.match(wrong.body, 'name="return_to" value="/account/security/totp"')
  t.notMatch(wrong.body, 'value="wrong"')
  const missing = await mine.submit('reauthenticate', { currentPassword: '', ...back })
  t.equal(missing.statusCode, 400)
  t.match(missing.body, 'Write your password.')
  for (let n = 0; n < 4; n++) await mine.submit('reauthenticate', { currentPassword: 'wrong', ...back })
  const limited = await mine.submit('reauthenticate', { currentPassword: password, ...back })
  t.equal(limited.statusCode, 429)
  t.match(limited.body, 'Those were too many requests.')
  t.ok(Number(limited.headers['retry-after']) > 0)
  t.equal((await mine.open('sessions')).statusCode, 200)
  t.equal((await mine.open('security/totp')).statusCode, 303, 'and the proof is as old as before')
})

t.test('who has an app shows its code too, or a recovery code: without 403 in words', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  const { secret, recoveryCodes } = await withTotp(who)
  await age(who)
  const form = await mine.open(page)
  t.match(form.body, 'name="code"')
  t.match(form.body, /<details><summary>[^<]+<\/summary><label for="recoveryCode">/)
  const prove = (fields: Record<string, string>) =>
    mine.submit('reauthenticate', { currentPassword: password, code: '', recoveryCode: '', ...back, ...fields })
  const without = await prove({})
  t.equal(without.statusCode, 403)
  t.match(without.body, 'The second step is missing')
  t.equal((await prove({ code: wrongCode(secret) })).statusCode, 403)
  const short = await prove({ recoveryCode: 'abc' })
  t.equal(short.statusCode, 400)
  t.match(short.body, '<details open>')
  t.equal((await mine.open('security/totp')).statusCode, 303)
  t.equal((await prove({ code: totpCode(secret) })).statusCode, 303)
  t.equal((await mine.open('security/totp')).statusCode, 200)
  await age(who)
  t.equal((await prove({ recoveryCode: recoveryCodes[0] ?? '' })).statusCode, 303)
  t.equal((await mine.open('security/totp')).statusCode, 200)
})

t.test('who has no password proves it by a code of a mail: 303, 303, 303', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  await age(who)
  await data.owner.query('delete from passwords where member_id = $1', [who.id])
  const form = await mine.open(page)
  t.match(form.body, 'Your account has no password.')
  t.notMatch(form.body, 'name="currentPassword"')
  const asked = await mine.submit('reauthenticate/mail', back)
  t.equal(asked.statusCode, 303)
  const address = new URL(String(asked.headers.location), 'https://site-a.example')
  t.equal(address.searchParams.get('return_to'), back.return_to)
  const { challenge, code } = await mint(a, address.searchParams.get('challenge') ?? '')
  t.match((await mine.open(`reauthenticate${address.search}`)).body, 'name="mailCode"')
  const wrong = await mine.submit('reauthenticate', { challenge, mailCode: code === '000000' ? '000001' : '000000', ...back })
  t.equal(wrong.statusCode, 403)
  t.match(wrong.body, 'name="mailCode"', 'and the field is still there')
  t.equal(
    (await mine.submit('reauthenticate', { challenge, mailCode: ` ${code.slice(0, 3)} ${code.slice(3)} `, ...back })).headers.location,
    back.return_to,
  )
  t.equal((await mine.open('security/totp')).statusCode, 200)
})

t.test('who has a passkey gets a button that leads back', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  await withPasskey(who)
  const form = await mine.open(page)
  t.match(form.body, /data-passkey="reauthenticate" [^>]*data-next="\/account\/security\/totp"/)
  t.match(form.body, 'name="recoveryCode"')
  t.notMatch(form.body, 'name="code"')
})

t.test('the return address is a path of the account alone', async (t) => {
  const who = await person(a)
  const mine = await enter(who)
  for (const evil of ['//evil.example', 'https://app.site-a.example/', '/elsewhere', '/account/../elsewhere', '/accounts', '/\\evil.example']) {
    const form = await mine.open(`reauthenticate?return_to=${encodeURIComponent(evil)}`)
    t.match(form.body, 'name="return_to" value="/account"', evil)
    t.equal((await mine.submit('reauthenticate', { currentPassword: password, return_to: evil })).headers.location, '/account', evil)
  }
  t.equal(
    (await mine.submit('reauthenticate', { currentPassword: password, return_to: '/account/security?x=1' })).headers.location,
    '/account/security?x=1',
  )
})
