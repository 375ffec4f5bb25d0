import t from 'tap'
import { captchaSecretPlace } from '../../../src/auth/guards/captcha-settings.ts'
import { createTestApp } from '../../app.ts'
import { secret, solved, startCaptchaServer } from '../../security/captcha/captcha-server.ts'
import { authCalls, outcome, withoutRequestId } from '../auth-calls.ts'
import { openLimits } from '../minted.ts'
import { alertIn, hiddenIn, pageCalls } from '../pages/page-calls.ts'

const { url, asked } = await startCaptchaServer(t)
const tools = await createTestApp(t, {
  overrides: { limits: openLimits(), captcha: { endpoints: { turnstile: url, hcaptcha: url }, timeout: 2_000 } },
})
const { app, data, a, b } = tools
const { post, signIn } = authCalls(app)
const { open, submit, setColumns } = pageCalls(tools)
const sealed = app.secretBox.seal(secret, captchaSecretPlace(a.id))
const challenges = async () => (await data.owner.query('select count(*)::int as n from email_challenges')).rows[0].n
let people = 0
let tokens = 100
const token = (host = a.host) => solved(host, ++tokens)
const fresh = () => `person${++people}@people.example`
const signUpFields = () => ({ email: fresh(), name: 'Ana', password: 'a password of mine' })
const operations = {
  'sign-up': { page: 'sign-up', fields: signUpFields },
  'forgot-password': { page: 'forgot-password', fields: () => ({ email: fresh() }) },
  'mailed-sign-in': { page: 'sign-in-mail', fields: () => ({ email: fresh() }) },
}

t.test('by default no captcha is asked for, nor shown', async (t) => {
  for (const [operation, { page, fields }] of Object.entries(operations)) {
    t.equal(outcome(await post(a, `/v1/auth/${operation}`, fields())), '202', operation)
    const shown = await open(a, page)
    t.notMatch(shown.body, '<script')
    t.notMatch(shown.headers['content-security-policy'], 'script-src')
    t.equal((await submit(a, page, fields())).statusCode, 200)
  }
  t.same(asked, [])
})

t.test('a site that has one answers 400 CAPTCHA_REQUIRED, 400 CAPTCHA_INVALID and 503 CAPTCHA_UNAVAILABLE, and writes nothing', async (t) => {
  await setColumns(t, a, { captcha_provider: 'turnstile', captcha_site_key: 'key', sealed_captcha_secret: sealed })
  for (const [operation, { fields }] of Object.entries(operations)) {
    const ask = (more: object, body: object = fields(), site = a) => post(site, `/v1/auth/${operation}`, { ...body, ...more })
    const before = await challenges()
    t.equal(outcome(await ask({})), '400 CAPTCHA_REQUIRED', operation)
    t.equal(outcome(await ask({ captcha: 'made up' })), '400 CAPTCHA_INVALID', operation)
    t.equal(outcome(await ask({ captcha: token(b.host) })), '400 CAPTCHA_INVALID', operation)
    const away = await ask({ captcha: 'hang' })
    t.equal(outcome(away), '503 CAPTCHA_UNAVAILABLE', operation)
    t.equal(away.headers['retry-after'], '10')
    t.equal(await challenges(), before)
    t.equal(outcome(await ask({ captcha: token() })), '202', 'control')
    t.equal(outcome(await ask({ captcha: `${token()} ${'x'.repeat(8_000)}` })), '202', 'a long one')
    t.equal(await challenges(), before + 2)
    t.equal(outcome(await ask({}, fields(), b)), '202', 'another site asks for none')
  }
  t.equal(asked.at(-1)?.form.secret, secret)
  t.equal((await signIn(a, { email: a.owner.email, password: 'wrong' })).statusCode, 401, 'signing in by a password asks for none')
})

t.test('known and unknown addresses are answered alike', async (t) => {
  for (const operation of Object.keys(operations)) {
    const more = operation === 'sign-up' ? { name: 'Ana', password: 'a password of mine' } : {}
    for (const captcha of [undefined, 'made up', 'status 500']) {
      const body = (email: string) => ({ ...more, email, ...(captcha ? { captcha } : {}) })
      const known = await post(a, `/v1/auth/${operation}`, body(a.owner.email))
      const unknown = await post(a, `/v1/auth/${operation}`, body(fresh()))
      t.equal(known.statusCode, unknown.statusCode)
      t.same(withoutRequestId(known), withoutRequestId(unknown), `${operation} ${captcha}`)
    }
  }
})

t.test('the limit by network comes first: 429, and nobody is asked', async (t) => {
  const from = '198.51.100.7'
  for (let n = 0; n < 10; n++) await post(a, '/v1/auth/forgot-password', { email: fresh() }, { from })
  const before = asked.length
  t.equal(outcome(await post(a, '/v1/auth/forgot-password', { email: fresh(), captcha: token() }, { from })), '429 RATE_LIMITED')
  t.equal(asked.length, before)
})

t.test('pages show it, allow its sources alone, and take what its script adds to the form', async (t) => {
  const kinds = {
    turnstile: { field: 'cf-turnstile-response', source: 'https://challenges.cloudflare.com', style: '' },
    hcaptcha: {
      field: 'h-captcha-response',
      source: 'https://hcaptcha.com https://*.hcaptcha.com',
      style: ' https://hcaptcha.com https://*.hcaptcha.com',
    },
  }
  for (const [provider, { field, source, style }] of Object.entries(kinds)) {
    await setColumns(t, a, { captcha_provider: provider, captcha_site_key: 'key', sealed_captcha_secret: sealed })
    for (const { page, fields } of Object.values(operations)) {
      const shown = await open(a, page)
      t.match(shown.body, 'data-sitekey="key" data-language="en"', `${provider} ${page}`)
      t.match(shown.body, '<noscript>')
      const policy = String(shown.headers['content-security-policy'])
      t.match(policy, `script-src ${source};`)
      t.match(policy, `frame-src ${source};`)
      t.match(policy, new RegExp(`style-src 'self'${style.replaceAll('*', '\\*')};`))
      for (const none of [{}, { [field]: '' }]) {
        const unsolved = await submit(a, page, { ...fields(), ...none })
        t.equal(unsolved.statusCode, 400)
        t.match(alertIn(unsolved), 'First show that you are not a program')
        t.match(unsolved.body, 'data-sitekey="key"', 'and it is there again')
      }
      t.match(alertIn(await submit(a, page, { ...fields(), [field]: 'made up' })), 'First show that you are not a program')
      const away = await submit(a, page, { ...fields(), [field]: 'status 500' })
      t.equal(away.statusCode, 503)
      t.match(alertIn(away), 'It could not be checked')
      const passed = await submit(a, page, { ...fields(), [field]: token() })
      t.equal(passed.statusCode, 200)
      t.match(hiddenIn(passed, 'challenge'), /^[0-9a-f-]{36}$/)
      t.notMatch(passed.headers['content-security-policy'], 'script-src', 'the page after it runs nothing')
    }
  }
  t.notMatch((await open(a, 'reset-password')).headers['content-security-policy'], 'captcha', 'other pages have none')
})

t.test('a site’s least length of passwords is said by its pages', async (t) => {
  await setColumns(t, b, { password_length: 14 })
  t.match((await open(b, 'sign-up')).body, 'At least 14 characters.')
  const short = await submit(b, 'sign-up', { ...signUpFields(), password: 'thirteen sign' })
  t.equal(short.statusCode, 400)
  t.match(alertIn(short), 'The password has to have at least 14 characters.')
  t.match(alertIn(await submit(b, 'sign-up', { ...signUpFields(), email: 'x', password: 'thirteen sign' })), 'between 14 and 128')
  t.match((await open(a, 'sign-up')).body, 'At least 10 characters.', 'control')
})
