import { type CaptchaSettings, captchaDefinitions, captchaSiteKey } from './captcha-provider.ts'

export interface RenderedCaptcha {
  /** For inside the form. Empty where the site has no captcha. */
  html: string
  /** The form field that comes with it. */
  field: string | undefined
  /** Sources that the page's policy needs beside its own, by directive. */
  policy: Readonly<Record<string, readonly string[]>>
}

/** What an account page needs to show the site's captcha. `language`: of the page, as in its lang attribute. */
export function renderCaptcha({ provider, siteKey }: Omit<CaptchaSettings, 'secret'>, language: string): RenderedCaptcha {
  if (provider === 'none') return { html: '', field: undefined, policy: {} }
  if (!captchaSiteKey.test(siteKey) || !/^[a-z]{2}$/.test(language)) throw new TypeError('a site key and a language go into the page as they are')
  const { script, element, field, policy } = captchaDefinitions[provider]
  const source = provider === 'hcaptcha' ? `${script}&amp;hl=${language}` : script
  return {
    html: `<div class="${element}" data-sitekey="${siteKey}" data-language="${language}"></div><script src="${source}" async defer></script>`,
    field,
    policy,
  }
}
