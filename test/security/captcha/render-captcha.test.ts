import t from 'tap'
import { renderCaptcha } from '../../../src/security/captcha/render-captcha.ts'

t.test('each provider’s element, script, field and policy are what it documents', async (t) => {
  const turnstile = renderCaptcha({ provider: 'turnstile', siteKey: '0x4AAAAAAA_b-c' }, 'pt')
  t.match(turnstile.html, '<div class="cf-turnstile" data-sitekey="0x4AAAAAAA_b-c" data-language="pt"></div>')
  t.match(turnstile.html, '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js" async defer></script>')
  t.equal(turnstile.field, 'cf-turnstile-response')
  t.same(turnstile.policy, { 'script-src': ['https://challenges.cloudflare.com'], 'frame-src': ['https://challenges.cloudflare.com'] })
  const hcaptcha = renderCaptcha({ provider: 'hcaptcha', siteKey: '10000000-ffff-ffff-ffff-000000000001' }, 'fr')
  t.match(hcaptcha.html, '<div class="h-captcha" data-sitekey="10000000-ffff-ffff-ffff-000000000001"')
  t.match(hcaptcha.html, 'src="https://js.hcaptcha.com/1/api.js?recaptchacompat=off&amp;hl=fr"')
  t.equal(hcaptcha.field, 'h-captcha-response')
  t.same(Object.keys(hcaptcha.policy).sort(), ['connect-src', 'frame-src', 'script-src', 'style-src'])
  for (const sources of Object.values(hcaptcha.policy)) t.same(sources, ['https://hcaptcha.com', 'https://*.hcaptcha.com'])
})

t.test('without a captcha there is nothing to show and nothing to allow', async (t) => {
  t.same(renderCaptcha({ provider: 'none', siteKey: '' }, 'pt'), { html: '', field: undefined, policy: {} })
})

t.test('a site key or language that is none never reaches a page', async (t) => {
  for (const siteKey of ['', 'a"><script>', "a'b", 'a b', 'x'.repeat(101)]) {
    t.throws(() => renderCaptcha({ provider: 'turnstile', siteKey }, 'pt'), TypeError)
  }
  t.throws(() => renderCaptcha({ provider: 'turnstile', siteKey: 'a' }, 'pt"'), TypeError)
})
