/** A site's choice. The table that holds it knows no other names. */
export const captchaProviders = ['none', 'turnstile', 'hcaptcha'] as const
export type CaptchaProvider = (typeof captchaProviders)[number]

export interface CaptchaSettings {
  provider: CaptchaProvider
  /** Public: it stands in pages. */
  siteKey: string
  secret: string
}

/** Of both providers: letters, digits, hyphens, underscores. It goes into pages. */
export const captchaSiteKey = /^[A-Za-z0-9_-]{1,100}$/

export interface ProviderDefinition {
  /** Where a token is asked about. */
  verifyUrl: string
  script: string
  /** Class that its script looks for. */
  element: string
  /** Name of the form field that its script adds. */
  field: string
  /** What a page's policy has to allow, by directive, as the provider documents it. */
  policy: Readonly<Record<string, readonly string[]>>
}

const turnstile = ['https://challenges.cloudflare.com']
const hcaptcha = ['https://hcaptcha.com', 'https://*.hcaptcha.com']

/** https://developers.cloudflare.com/turnstile and https://docs.hcaptcha.com */
export const captchaDefinitions: Readonly<Record<Exclude<CaptchaProvider, 'none'>, ProviderDefinition>> = {
  turnstile: {
    verifyUrl: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    element: 'cf-turnstile',
    field: 'cf-turnstile-response',
    policy: { 'script-src': turnstile, 'frame-src': turnstile },
  },
  hcaptcha: {
    verifyUrl: 'https://api.hcaptcha.com/siteverify',
    // Without the second field that it adds for those who come from reCAPTCHA.
    script: 'https://js.hcaptcha.com/1/api.js?recaptchacompat=off',
    element: 'h-captcha',
    field: 'h-captcha-response',
    policy: { 'script-src': hcaptcha, 'frame-src': hcaptcha, 'style-src': hcaptcha, 'connect-src': hcaptcha },
  },
}
