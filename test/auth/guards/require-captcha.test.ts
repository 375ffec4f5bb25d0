import t from 'tap'
import { captchaSecretPlace, openCaptchaSettings } from '../../../src/auth/guards/captcha-settings.ts'
import { requireCaptcha } from '../../../src/auth/guards/require-captcha.ts'
import { isProblem } from '../../../src/errors.ts'
import type { CaptchaSettings } from '../../../src/security/captcha/captcha-provider.ts'
import { createTestApp } from '../../app.ts'
import { secret, solved, startCaptchaServer } from '../../security/captcha/captcha-server.ts'
import { statementsOf } from '../statements.ts'

const { url, asked } = await startCaptchaServer(t)
const endpoints = { turnstile: url, hcaptcha: url }
const { app, a, b } = await createTestApp(t, { overrides: { captcha: { endpoints, timeout: 2_000 } } })
const turnstile: CaptchaSettings = { provider: 'turnstile', siteKey: 'key', secret }
const requestTo = (site: typeof a) => ({
  server: app,
  tenant: {
    id: site.id,
    slug: site.slug,
    kind: 'site' as const,
    status: 'active' as const,
    version: 1,
    hosts: [site.host],
    canonicalHost: site.host,
  },
  db: app.database.forTenant(site.id),
  ip: '203.0.113.9',
})

async function asks(settings: CaptchaSettings, token?: string, site = a): Promise<string> {
  try {
    await requireCaptcha(requestTo(site), settings, token)
    return 'passes'
  } catch (error) {
    if (!isProblem(error)) throw error
    return `${error.statusCode} ${error.code}${error.retryAfter ? `, ${error.retryAfter} s` : ''}`
  }
}

t.test('a token solved on one of the site’s pages passes once', async (t) => {
  for (const provider of ['turnstile', 'hcaptcha'] as const) {
    const token = solved(a.host, provider.length)
    t.equal(await asks({ ...turnstile, provider }, token), 'passes')
    t.equal(await asks({ ...turnstile, provider }, token), '400 CAPTCHA_INVALID', 'the provider takes it once')
  }
  t.equal(await asks(turnstile, solved('app.site-a.example')), 'passes', 'a front end that the site lists')
})

t.test('one solved on another site’s page answers 400 CAPTCHA_INVALID', async (t) => {
  for (const host of [b.host, 'app.site-b.example', 'evil.example', 'evilsite-a.example', 'www.site-a.example', '']) {
    t.equal(await asks(turnstile, solved(host, 10)), '400 CAPTCHA_INVALID', host)
  }
  t.equal(await asks(turnstile, solved(b.host, 11), b), 'passes', 'control: at its own site')
})

t.test('no token answers 400 CAPTCHA_REQUIRED, and asks nobody', async (t) => {
  const before = asked.length
  for (const token of [undefined, '']) t.equal(await asks(turnstile, token), '400 CAPTCHA_REQUIRED')
  t.equal(asked.length, before)
  t.equal(await asks(turnstile, 'made up'), '400 CAPTCHA_INVALID')
  t.equal(asked.length, before + 1, 'control')
})

t.test('a provider that is away answers 503 CAPTCHA_UNAVAILABLE with Retry-After: nobody passes meanwhile', async (t) => {
  for (const token of ['hang', 'garbage', 'huge', 'status 500', 'cut off'])
    t.equal(await asks(turnstile, token), '503 CAPTCHA_UNAVAILABLE, 10 s', token)
  t.equal(await asks({ ...turnstile, secret: 'wrong' }, solved(a.host, 20)), '503 CAPTCHA_UNAVAILABLE, 10 s', 'a secret of somebody else')
})

t.test('a site without a captcha asks for none, whatever is sent along', async (t) => {
  const before = asked.length
  for (const token of [undefined, 'made up']) t.equal(await asks({ provider: 'none', siteKey: '', secret: '' }, token), 'passes')
  t.equal(asked.length, before)
})

t.test('accounts are not looked at', async (t) => {
  const statements = await statementsOf(app, async () => void (await asks(turnstile, solved('evil.example', 30))))
  t.equal(statements.filter((text) => /"?sites"?/.test(text)).length, 1, 'control: the listed origins are')
  t.same(
    statements.filter((text) => /members|passwords|challenges/.test(text)),
    [],
  )
})

t.test('settings come from the site’s policy, its secret sealed for this site alone', async (t) => {
  const { secretBox: box } = app
  const captcha = { provider: 'turnstile', siteKey: 'key', sealedSecret: box.seal(secret, captchaSecretPlace(a.id)) } as const
  t.same(openCaptchaSettings(box, a.id, captcha), turnstile)
  t.throws(() => openCaptchaSettings(box, b.id, captcha), 'another site cannot open it')
  const without = openCaptchaSettings(box, a.id, { ...captcha, sealedSecret: null })
  t.equal(await asks(without, solved(a.host, 40)), '503 CAPTCHA_UNAVAILABLE, 10 s', 'without a secret nobody passes, rather than everybody')
})
