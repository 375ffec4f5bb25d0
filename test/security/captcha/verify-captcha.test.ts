import t from 'tap'
import type { CaptchaSettings } from '../../../src/security/captcha/captcha-provider.ts'
import { createCaptchaVerifier } from '../../../src/security/captcha/verify-captcha.ts'
import { freePort } from '../../free-port.ts'
import { oddities, secret, solved, startCaptchaServer } from './captcha-server.ts'

const remoteIp = '203.0.113.9'
const settingsOf = (provider: 'turnstile' | 'hcaptcha'): CaptchaSettings => ({ provider, siteKey: 'public-key', secret })
const turnstile = settingsOf('turnstile')

for (const provider of ['turnstile', 'hcaptcha'] as const) {
  t.test(provider, async (t) => {
    const { url, asked } = await startCaptchaServer(t)
    const { verify } = createCaptchaVerifier({ endpoints: { [provider]: url } })
    const settings = settingsOf(provider)

    t.test('a token that was solved names the host of its page, once; the second time it is refused', async (t) => {
      const token = solved('Site-A.example')
      t.same(await verify(settings, { token, remoteIp }), { outcome: 'solved', hostname: 'site-a.example' })
      t.same(await verify(settings, { token, remoteIp }), { outcome: 'refused' })
      t.same(await verify(settings, { token: 'made up', remoteIp }), { outcome: 'refused' })
    })

    t.test('it is asked by a form with secret, token and address', async (t) => {
      await verify(settings, { token: 'a&secret=b', remoteIp })
      const expected = { secret, response: 'a&secret=b', remoteip: remoteIp, ...(provider === 'hcaptcha' ? { sitekey: 'public-key' } : {}) }
      t.match(asked.at(-1), { path: '/siteverify', contentType: /^application\/x-www-form-urlencoded/ })
      t.same(asked.at(-1)?.form, expected)
    })

    t.test('a secret that it does not know is nobody’s token’s fault: unavailable', async (t) => {
      for (const wrong of ['', 'wrong']) {
        const verdict = await verify({ ...settings, secret: wrong }, { token: solved('site-a.example', 2), remoteIp })
        t.match(verdict, { outcome: 'unavailable', cause: /secret/ })
      }
    })
  })
}

t.test('whatever else it answers, or does not, is unavailable within the time, and never solved', async (t) => {
  const { url, asked } = await startCaptchaServer(t)
  const { verify } = createCaptchaVerifier({ endpoints: { turnstile: url }, timeout: 2_000 })
  for (const token of oddities) {
    const started = performance.now()
    const verdict = await verify(turnstile, { token, remoteIp })
    t.equal(verdict.outcome, 'unavailable', token)
    t.ok(performance.now() - started < 10_000, `${token}, in time`)
  }
  t.notOk(
    asked.some(({ path }) => path === '/elsewhere'),
    'and a redirect is not followed: it would take the secret along',
  )
  t.match(await verify(turnstile, { token: solved('site-a.example'), remoteIp }), { outcome: 'solved' }, 'control')
})

t.test('nobody there is unavailable, and says so without the secret', async (t) => {
  const { verify } = createCaptchaVerifier({ endpoints: { turnstile: `http://127.0.0.1:${await freePort()}/` } })
  const verdict = await verify(turnstile, { token: 'x', remoteIp })
  t.match(verdict, { outcome: 'unavailable', cause: /does not answer/ })
  t.notMatch(JSON.stringify(verdict), secret)
})
