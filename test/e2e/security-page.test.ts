import t, { type Test } from 'tap'
import { totpCode } from '../auth/factor-calls.ts'
import { sendRaw } from '../raw-request.ts'
import { requireTool } from '../tool.ts'
import { isAccessible } from './axe.ts'
import { type DrivenPage, drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, port, slug, accounts, origin } = await startLocalSites(t)
  const { email = '', password = '' } = accounts[2] ?? {}
  const shots = process.env.SHOTS

  async function signIn(page: DrivenPage): Promise<void> {
    await page.open(`${origin}/account/sign-in`)
    await page.fill({ email, currentPassword: password ?? '' })
    await page.press('main button')
  }
  const path = (page: DrivenPage) => page.read<string>('location.pathname')
  const body = (page: DrivenPage) => page.read<string>('document.body.innerText')

  const post = (url: string, payload?: object) => {
    const sent = payload ? JSON.stringify(payload) : ''
    const lines = [`POST ${url} HTTP/1.1`, `Host: ${slug}.localhost:${port}`, ...(payload ? ['Content-Type: application/json'] : [])]
    return sendRaw(port, [...lines, `Content-Length: ${Buffer.byteLength(sent)}`], sent)
  }

  /** axe finds nothing, and nothing sticks out of a phone of 320 pixels. */
  async function isFit(t: Test, page: DrivenPage, name: string): Promise<void> {
    await isAccessible(t, page, name)
    for (const [width, height] of [
      [320, 700],
      [390, 844],
      [1280, 900],
    ] as const) {
      await page.resize(width, height)
      t.ok(await page.read('document.documentElement.scrollWidth <= innerWidth'), `${name}: nothing sticks out at ${width} px`)
      if (shots && width > 320) await page.screenshot(`${shots}/${name}-${width}.png`)
    }
    await page.resize(1000, 900)
  }

  t.test('an app is added by the secret that the page shows, and removed', async (t) => {
    const page = await drivePage(t, chromium)
    await signIn(page)
    await page.open(`${origin}/account/security`)
    await isFit(t, page, 'security-empty')
    await page.press('main a[href="/account/security/totp"]')
    await isFit(t, page, 'totp-name')
    await page.fill({ appName: 'Telemóvel' })
    await page.press('main button')
    t.equal(await path(page), '/account/security/totp')
    await isFit(t, page, 'totp-setup')
    const secret = (await page.read<string>('document.getElementById("secret").textContent')).replaceAll(' ', '')
    await page.fill({ code: '12' })
    await page.press('main button')
    await isFit(t, page, 'totp-fault')
    await page.fill({ code: totpCode(secret) })
    await page.press('main button')
    t.equal(await page.read('document.querySelectorAll(".codes li").length'), 10)
    await isFit(t, page, 'recovery-codes')
    await page.press('main .more a')
    t.match(await body(page), 'Telemóvel')
    await isFit(t, page, 'security-app')
    await page.open(`${origin}/account/reauthenticate?return_to=%2Faccount%2Fsecurity`)
    await isFit(t, page, 'reauthenticate')
    await page.open(`${origin}/account/security/recovery-codes`)
    await isFit(t, page, 'recovery-confirm')
    await page.open(`${origin}/account/security`)
    await page.press('main .cards button')
    t.equal(await page.read('document.querySelector("[role=status]") !== null'), true)
    t.equal(await page.read('document.querySelectorAll(".cards li").length'), 0)
    t.same(violations(page), [])
  })

  t.test('a passkey is added, its codes are shown once, and it proves and signs in without a password', async (t) => {
    const page = await drivePage(t, chromium)
    await page.addAuthenticator()
    await signIn(page)
    await page.open(`${origin}/account/security/passkey`)
    await isFit(t, page, 'passkey-new')
    await page.fill({ passkeyName: 'Portátil' })
    await page.read('document.querySelector("[data-passkey]").click()')
    await settled(page, 'document.querySelectorAll("#passkey-codes li").length === 10')
    t.equal(await page.read('document.activeElement.tagName'), 'H2')
    t.equal(await page.read('document.querySelector("[data-until-codes]").offsetParent'), null, 'the form has made room')
    await isFit(t, page, 'passkey-codes')
    await page.press('#passkey-codes a')
    t.match(await body(page), 'Portátil')
    t.equal(await page.read('document.querySelectorAll(".codes").length'), 0)
    await page.press('main a[href^="/account/security/passkey/rename"]')
    await isFit(t, page, 'passkey-rename')
    await page.fill({ passkeyName: 'O meu portátil' })
    await page.press('main button')
    t.match(await body(page), 'O meu portátil')
    await isFit(t, page, 'security-passkey')

    await data.owner.query(`update sessions set authenticated_at = now() - interval '1 hour'`)
    await page.open(`${origin}/account/security`)
    await isFit(t, page, 'security-stale')
    await page.press('main .notice a')
    t.equal(await path(page), '/account/reauthenticate')
    await isFit(t, page, 'reauthenticate-passkey')
    await page.press('[data-passkey=reauthenticate]')
    t.equal(await path(page), '/account/security')
    t.equal(await page.read('document.querySelector("main .notice")'), null, 'the proof is fresh')

    await page.press('nav button')
    t.equal(await path(page), '/account/signed-out')
    const { challenge, options } = JSON.parse((await post('/v1/auth/passkey/options')).body)
    const signedIn = await post('/v1/auth/passkey', { challenge, response: await page.run(assertion(options)) })
    t.equal(signedIn.status, 200, 'the device signs in, without the password')
    t.ok(JSON.parse(signedIn.body).accessToken)
    const [member] = (await data.owner.query('select id from members where email_key = $1', [email])).rows
    await data.owner.query('delete from passkeys where member_id = $1', [member.id])
    t.same(violations(page), [])
  })

  t.test('another session is ended, and then every one', async (t) => {
    const [page, other] = [await drivePage(t, chromium), await drivePage(t, chromium)]
    await signIn(page)
    await signIn(other)
    await page.open(`${origin}/account/sessions`)
    await isFit(t, page, 'sessions')
    const before = await page.read<number>('document.querySelectorAll(".cards li").length')
    t.ok(before >= 2)
    await page.press('.cards button')
    t.equal(await path(page), '/account/sessions')
    t.equal(await page.read('document.querySelectorAll(".cards li").length'), before - 1)
    await isFit(t, page, 'sessions-ended')
    await other.open(`${origin}/account/sessions`)
    t.equal(await path(other), '/account/sign-in', 'the one seen last was the other')
    await page.press('form[action$="sign-out-everywhere"] button')
    t.equal(await path(page), '/account/signed-out')
    await page.open(`${origin}/account/sessions`)
    t.equal(await path(page), '/account/sign-in')
    t.same(violations(page), [])
  })
}

async function settled(page: DrivenPage, expression: string): Promise<void> {
  await page.run(`new Promise((resolve, reject) => {
    const deadline = Date.now() + 5000
    const look = () => (${expression}) ? resolve() : Date.now() > deadline ? reject(new Error(document.getElementById('passkey-told')?.textContent)) : setTimeout(look, 20)
    look()
  })`)
}

/** What the authenticator answers to the options of a sign-in. */
const assertion = (options: unknown) => `(async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)})
  const { id, rawId, type, response } = (await navigator.credentials.get({ publicKey })).toJSON()
  const { clientDataJSON, authenticatorData, signature, userHandle } = response
  return { id, rawId, type, clientExtensionResults: {}, response: { clientDataJSON, authenticatorData, signature, userHandle } }
})()`

/** What the pages' own policy complained about; a form's 400 is told as well, and is none. */
const violations = ({ complaints }: DrivenPage) => complaints.filter((text) => text.includes('Content Security Policy'))
