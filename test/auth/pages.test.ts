import t, { type Test } from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp, password, type TestSite } from '../app.ts'
import { eventually } from '../eventually.ts'
import { authCalls, type CallOptions, freshNetwork } from './auth-calls.ts'
import { accountCalls, openLimits, setLimits } from './minted.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { app, data, a, b } = tools
const { send, signIn } = authCalls(app)
const { mint, mailedSignUp, mailedReset, challengeRow, mailsTo, membersOf } = accountCalls(tools)
const pages = ['sign-up', 'verify-email', 'forgot-password', 'reset-password'] as const
const own = { origin: 'https://site-a.example' }

/** What a browser without Sec-Fetch-Site sends for a form of the site's own page. */
function submit(
  page: (typeof pages)[number],
  fields: Record<string, string> | string,
  { headers = {}, ...more }: CallOptions = {},
  site: TestSite = a,
) {
  const payload = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString()
  const all = { origin: `https://${site.host}`, 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en', ...headers }
  return send(site, { method: 'POST', url: `/account/${page}`, payload }, { ...more, headers: all })
}
const open = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') => send(a, { url, method }, { headers })
const hiddenIn = (body: string, name: string) => new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(body)?.[1] ?? ''
const alertIn = (body: string) => /<div class="alert" role="alert">(.*?)<\/div>/s.exec(body)?.[1] ?? ''

type Answer = Awaited<ReturnType<typeof send>>

function isPage(t: Test, { statusCode, headers, body }: Answer, status = 200): void {
  t.equal(statusCode, status)
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.equal(headers['cache-control'], 'no-store')
  t.equal(headers['cross-origin-opener-policy'], 'same-origin')
  t.equal(headers['referrer-policy'], 'strict-origin')
  t.equal(headers['set-cookie'], undefined)
  t.equal(headers.location, undefined)
  t.equal(
    headers['content-security-policy'],
    "default-src 'none'; img-src 'self'; font-src 'self'; manifest-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  )
  t.match(body, /<link rel="stylesheet" href="\/assets\/account-[\w-]{8}\.css">/)
  t.ok(body.length < 5_120, `${body.length} bytes`)
  t.notMatch(body, /<script|<style|style="|\son\w+=|javascript:|https?:\/\//, 'nothing that the policy would stop')
}

t.test('each page is in the site’s brand and small, and lets nothing in but its own style: 200', async (t) => {
  for (const page of pages) {
    const answer = await open(`/account/${page}`)
    isPage(t, answer)
    t.match(answer.body, /^<!doctype html>\n<html lang="pt">/)
    t.match(answer.body, '<a href="/">Name of site-a</a>')
    t.match(answer.body, /<link rel="stylesheet" href="\/brand\/theme\.[\w-]{16}\.css">/)
    t.notMatch(answer.body, 'site-b')
    t.match((await send(b, { url: `/account/${page}` })).body, 'Name of site-b')
    for (const [, address = ''] of answer.body.matchAll(/href="([^"#]+)"/g))
      t.equal((await open(address)).statusCode, 200, `${address} leads somewhere`)
    t.equal((await open(`/account/${page}`, {}, 'HEAD')).statusCode, 200)
  }
  t.match((await open('/')).body, 'href="/account/sign-up"', 'and the home page leads to the first')
})

t.test('a page is in the visitor’s language', async (t) => {
  const titles = { pt: 'Criar conta', en: 'Create an account', fr: 'Créer un compte' }
  for (const [language, title] of Object.entries(titles)) {
    const { body } = await open('/account/sign-up', { 'accept-language': `xx,${language}-XX;q=0.8` })
    t.match(body, `<html lang="${language}">`)
    t.match(body, `<h1>${title}</h1>`)
  }
})

t.test('fields are labelled and say to the browser what they are for', async (t) => {
  const token = 'A'.repeat(43)
  const shown = []
  for (const page of ['sign-up', `reset-password?token=${token}`, `verify-email?token=${token}`]) shown.push((await open(`/account/${page}`)).body)
  const { challenge } = await mailedSignUp(a, 'labels@people.example')
  shown.push((await submit('verify-email', { challenge, code: '12' })).body)
  const fields = shown.flatMap((body) =>
    [...body.matchAll(/<input id="(\w+)" name="(\w+)" ([^>]*)>/g)].map(([, id, name, rest = '']) => ({ body, id, name, rest })),
  )
  t.same(
    fields.map(({ name }) => name),
    ['name', 'email', 'password', 'password', 'password', 'code'],
  )
  for (const { body, id, rest } of fields) {
    t.match(body, `<label for="${id}">`)
    t.match(rest, /autocomplete="(name|email|new-password|one-time-code)"/)
    for (const part of (/aria-describedby="([^"]+)"/.exec(rest)?.[1] ?? '').split(' ').filter(Boolean)) t.match(body, `id="${part}"`)
  }
  t.match(fields[5]?.rest, /autocomplete="one-time-code" inputmode="numeric"/)
})

t.test('a person signs up by the code: form, mail, code, account', async (t) => {
  const sent = await submit('sign-up', { name: 'Maria', email: ' Maria@people.example ', password: 'her own password' })
  isPage(t, sent)
  t.match(sent.body, 'Maria@people.example')
  t.notMatch(sent.body, 'her own password')
  const { code } = await mint(a, hiddenIn(sent.body, 'challenge'))
  t.equal((await mailsTo(a, 'maria@people.example'))[0].locale, 'pt')
  const done = await submit('verify-email', { challenge: hiddenIn(sent.body, 'challenge'), code: ` ${code.slice(0, 3)} ${code.slice(3)} ` })
  isPage(t, done)
  t.match(done.body, 'Account created')
  t.match(done.body, 'Maria@people.example')
  t.match(done.body, '<a href="/">')
  t.equal((await signIn(a, { email: 'maria@people.example', password: 'her own password' })).statusCode, 200)
})

t.test('a person signs up by the link: a page that asks for the password, and only its button spends the token', async (t) => {
  const email = 'link@people.example'
  const { challenge, token } = await mailedSignUp(a, email)
  const url = `/account/verify-email?token=${token}`
  for (let scan = 0; scan < 5; scan++) {
    isPage(t, await open(`${url}&utm_source=scanner`))
    t.equal((await open(url, {}, 'HEAD')).statusCode, 200)
  }
  t.equal((await challengeRow(challenge)).spent_at, null)
  t.equal((await membersOf(a)).filter((member) => member.email === email).length, 0)
  const page = await open(url)
  t.equal(hiddenIn(page.body, 'token'), token)
  t.equal(page.body.split(token).length - 1, 1, 'in the form and nowhere else')
  t.match(page.body, 'escolha a palavra-passe da sua conta')
  const tooShort = ['between 10 and 128', 'at least 10']
  for (const [at, password] of ['', 'short'].entries()) {
    const refused = await submit('verify-email', { token, password })
    isPage(t, refused, 400)
    t.match(alertIn(refused.body), `<a href="#password">The password has to have ${tooShort[at]} characters.</a>`)
    t.equal(hiddenIn(refused.body, 'token'), token, 'the link is not lost')
    t.notMatch(refused.body, 'value="short"')
  }
  t.equal((await challengeRow(challenge)).spent_at, null)
  const chosen = 'chosen at the link'
  isPage(t, await submit('verify-email', { token: hiddenIn(page.body, 'token'), password: chosen }))
  t.ok((await challengeRow(challenge)).spent_at)
  t.equal((await signIn(a, { email, password: chosen })).statusCode, 200)
  t.equal((await signIn(a, { email, password: 'a password of mine' })).statusCode, 401, 'the sign-up’s own')
  const again = await submit('verify-email', { token, password: chosen })
  isPage(t, again, 400)
  t.match(alertIn(again.body), 'The link or code is wrong')
  t.match(again.body, '<title>Not quite yet: Confirm your address · Name of site-a</title>')
  t.notMatch(again.body, /<form|<button/, 'nothing is left to press')
  t.match(again.body, 'href="/account/sign-up"')
})

t.test('a person sets a new password, by link or by code; scanners spend nothing', async (t) => {
  const { challenge, token } = await mailedReset(a, a.owner.email)
  for (let scan = 0; scan < 5; scan++) {
    isPage(t, await open(`/account/reset-password?token=${token}`))
    t.equal((await open(`/account/reset-password?token=${token}`, {}, 'HEAD')).statusCode, 200)
  }
  t.equal((await challengeRow(challenge)).spent_at, null)
  const short = await submit('reset-password', { token, password: 'short' })
  isPage(t, short, 400)
  t.match(alertIn(short.body), 'at least 10')
  t.equal(hiddenIn(short.body, 'token'), token, 'the link is not lost')
  t.notMatch(short.body, 'value="short"')
  isPage(t, await submit('reset-password', { token, password: 'the new password' }))
  t.equal((await signIn(a, { email: a.owner.email, password: 'the new password' })).statusCode, 200)

  const sent = await submit('forgot-password', { email: a.owner.email })
  isPage(t, sent)
  const { code } = await mint(a, hiddenIn(sent.body, 'challenge'))
  const mistyped = await submit('reset-password', { challenge: hiddenIn(sent.body, 'challenge'), code: `${code}1`, password })
  isPage(t, mistyped, 400)
  t.match(mistyped.body, `value="${code}1"`, 'what was typed stays')
  isPage(t, await submit('reset-password', { challenge: hiddenIn(mistyped.body, 'challenge'), code, password }))
  t.equal((await signIn(a, { email: a.owner.email, password })).statusCode, 200)
})

t.test('pages say the same for known and unknown addresses', async (t) => {
  const without = ({ body }: Answer, email: string) => body.replace(hiddenIn(body, 'challenge'), '').replaceAll(email, '')
  for (const page of ['sign-up', 'forgot-password'] as const) {
    const more = page === 'sign-up' ? { name: 'x', password: 'a password of mine' } : {}
    const [known, unknown] = [await submit(page, { email: a.owner.email, ...more }), await submit(page, { email: 'who@people.example', ...more })]
    t.equal(known.statusCode, unknown.statusCode)
    t.equal(without(known, a.owner.email), without(unknown, 'who@people.example'))
  }
})

t.test('what is wrong is told in the visitor’s language, and what was typed stays, but for passwords: 400', async (t) => {
  const answer = await submit('sign-up', { name: '', email: 'ana@', password: 'too short' }, { headers: { 'accept-language': 'pt' } })
  isPage(t, answer, 400)
  t.same(
    [...alertIn(answer.body).matchAll(/<a href="#(\w+)">/g)].map(([, field]) => field),
    ['name', 'email', 'password'],
  )
  t.match(alertIn(answer.body), 'A palavra-passe tem de ter entre 10 e 128 caracteres.')
  t.equal(answer.body.split('aria-invalid="true"').length - 1, 3)
  t.match(answer.body, 'value="ana@"')
  t.notMatch(answer.body, 'too short')
  for (const bad of ['x'.repeat(9), 'x'.repeat(129)]) isPage(t, await submit('sign-up', { name: 'x', email: 'x@x.example', password: bad }), 400)
  const evil = `"><script>alert(1)</script>'&`
  const escaped = await submit('sign-up', { name: `${evil}\n`.repeat(2), email: evil, password: 'x' })
  isPage(t, escaped, 400)
  t.match(escaped.body, '&#34;&#62;&#60;script&#62;')
})

t.test('what no field of the form is answers 400 and does nothing: roles, tenants, lists, objects', async (t) => {
  const before = (await data.owner.query('select count(*)::int as n from email_challenges')).rows[0].n
  const right = 'email=new%40people.example&name=x&password=a+password+of+mine'
  for (const extra of [
    '&role=owner',
    `&tenantId=${b.id}`,
    '&email=other%40people.example',
    '&__proto__=x',
    '&email[not]=',
    '&password=another+password',
  ]) {
    const answer = await submit('sign-up', right + extra)
    isPage(t, answer, 400)
    t.not(alertIn(answer.body), '', extra)
  }
  for (const broken of ['', '%', '%E0%A4%A', '\u0000', 'email=%00&name=x&password=a+password+of+mine'])
    isPage(t, await submit('sign-up', broken), 400)
  t.equal((await data.owner.query('select count(*)::int as n from email_challenges')).rows[0].n, before)
  t.equal((await submit('sign-up', right)).statusCode, 200, 'control')
})

t.test('a code of other digits, or of another address, is refused on the page as well: 400', async (t) => {
  const one = await mailedSignUp(a, 'one@people.example')
  const other = await mailedSignUp(a, 'other@people.example')
  const arabic = [...one.code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('')
  const answer = await submit('verify-email', { challenge: one.challenge, code: arabic })
  isPage(t, answer, 400)
  t.match(alertIn(answer.body), 'The code has six digits.')
  t.equal(hiddenIn(answer.body, 'challenge'), one.challenge)
  isPage(t, await submit('verify-email', { challenge: one.challenge, code: other.code }), 400)
  isPage(t, await submit('verify-email', { challenge: one.challenge, code: one.code }, {}, b), 400)
  isPage(t, await submit('verify-email', { challenge: one.challenge, code: one.code }))
})

t.test('a form of the site’s own page passes by its Origin, or by Sec-Fetch-Site; any other answers 403 on a page', async (t) => {
  const fields = { email: 'csrf@people.example' }
  for (const headers of [own, { origin: 'null', 'sec-fetch-site': 'same-origin' }]) isPage(t, await submit('forgot-password', fields, { headers }))
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'https://site-b.example' },
    { origin: 'null' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'http://site-a.example' },
  ]) {
    const answer = await submit('forgot-password', fields, { headers })
    isPage(t, answer, 403)
    t.match(answer.body, 'Name of site-a')
    t.match(answer.body, String(answer.headers['x-request-id']))
  }
})

t.test('too many requests answer 429 on the form, with Retry-After, and nothing typed is lost', async (t) => {
  const now = () => 1_000_000_000
  setLimits(t, app, { mailsSoon: createRateLimiter({ limit: 1, windowMs: 60_000, now }) })
  const fields = { email: 'often@people.example', name: 'Often', password: 'a password of mine' }
  isPage(t, await submit('sign-up', fields))
  const refused = await submit('sign-up', fields)
  isPage(t, refused, 429)
  t.equal(refused.headers['retry-after'], '60')
  t.match(alertIn(refused.body), 'Wait 60 s')
  t.match(refused.body, 'value="often@people.example"')
  t.match(refused.body, 'value="Often"')

  const from = freshNetwork()
  const guess = { token: 'A'.repeat(43), password: 'another password' }
  for (let n = 0; n < 30; n++) await submit('reset-password', guess, { from })
  const blocked = await submit('reset-password', guess, { from })
  isPage(t, blocked, 429)
  t.equal(hiddenIn(blocked.body, 'token'), guess.token)
})

t.test('pages take forms and the API takes JSON: the other way about is 415', async (t) => {
  const json = JSON.stringify({ email: 'x@people.example' })
  isPage(t, await submit('forgot-password', json, { headers: { 'content-type': 'application/json' } }), 415)
  const form = { headers: { ...own, 'content-type': 'application/x-www-form-urlencoded' } }
  const answer = await send(a, { method: 'POST', url: '/v1/auth/forgot-password', payload: 'email=x%40people.example' }, form)
  t.equal(answer.json().code, 'CONTENT_TYPE_UNSUPPORTED')
  isPage(t, await submit('forgot-password', `email=${'x'.repeat(17_000)}`), 413)
  isPage(t, await submit('reset-password', `email=${'x'.repeat(5_000)}`), 413)
})

t.test('what goes wrong on our side is a page too, and logged: 500, 503', async (t) => {
  const { hash } = app.hasher
  const fields = { email: 'busy@people.example', name: 'Busy', password: 'a password of mine' }
  app.hasher.hash = () => Promise.reject(new Error('secret detail'))
  const failed = await submit('sign-up', fields)
  app.hasher.hash = () => Promise.reject(Object.assign(new Error('busy'), { code: 'OVERLOADED', statusCode: 503, retryAfter: 1 }))
  const busy = await submit('sign-up', fields)
  app.hasher.hash = hash
  isPage(t, failed, 500)
  t.match(failed.body, 'Something went wrong on our side.')
  t.notMatch(failed.body, 'secret detail')
  isPage(t, busy, 503)
  t.equal(busy.headers['retry-after'], '1')
  t.match(busy.body, 'value="busy@people.example"')
})

t.test('a host that nobody has, and a site that is suspended, answer on a page without a brand: 404, 403', async (t) => {
  const unknown = await send({ host: 'nobody.example' }, { url: '/account/sign-up' })
  isPage(t, unknown, 404)
  t.notMatch(unknown.body, /theme\.css|<header>|href="\/"/)
  await data.owner.query(`update tenants set status = 'suspended' where id = $1`, [b.id])
  const ask = () => send(b, { url: '/account/sign-up' })
  await eventually(t, 'the site is suspended', async () => (await ask()).statusCode === 403)
  const suspended = await ask()
  isPage(t, suspended, 403)
  t.notMatch(suspended.body, 'site-b')
})

t.test('a strange token in the address is shown as what it is and does nothing; a list of them answers 400', async (t) => {
  const evil = '"><script>alert(1)</script>'
  const shown = await open(`/account/verify-email?token=${encodeURIComponent(evil)}`)
  isPage(t, shown)
  isPage(t, await submit('verify-email', { token: evil, password }), 400)
  isPage(t, await open('/account/verify-email?token=a&token=b'), 400)
  isPage(t, await open(`/account/reset-password?token=${'x'.repeat(300)}`), 400)
  isPage(t, await open('/account/verify-email?next=https%3A%2F%2Fevil.example&redirect=//evil.example'))
})
