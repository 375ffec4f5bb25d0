import t, { type Test } from 'tap'
import { codeBefore, totpCode } from '../auth/factor-calls.ts'
import { eventually } from '../eventually.ts'
import { askRaw } from '../raw-request.ts'
import { requireTool } from '../tool.ts'
import { type DrivenPage, drivePage } from './drive-page.ts'
import { lookAtPage } from './look-at-page.ts'
import { startDemo } from './start-demo.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) t.test('a newcomer goes through every page of the demo', { timeout: 300_000 }, (t) => inDemo(t, chromium))

interface Mail {
  id: string
  to: string
  text: string
}

/** Somebody who has started `npm run demo` and goes through every page, with what comes to the inbox and nothing else. */
async function inDemo(t: Test, chromium: string): Promise<void> {
  const { port, sites } = await startDemo(t)
  const camara = sites.find(({ slug }) => slug === 'camara-mezochi')
  const origin = `http://camara-mezochi.localhost:${port}`
  const me = { email: 'newcomer@people.example', name: 'Ana d’Alva' }
  const seen = new Set<string>()

  const inbox = async <T>(path: string): Promise<T> =>
    JSON.parse((await askRaw(port, [`GET ${path} HTTP/1.1`, `Host: inbox.localhost:${port}`])).body)
  /** Link and code of the mail that leads to this page, once it is there. */
  async function mailed(t: Test, page: string, to = me.email): Promise<{ link: string; code: string }> {
    let text = ''
    const look = async () => {
      const { items } = await inbox<{ items: Mail[] }>('/messages')
      for (const { id } of items.filter((mail) => mail.to === to && !seen.has(mail.id))) {
        const mail = await inbox<Mail>(`/messages/${id}`)
        if (!mail.text.includes(`${origin}${page}?token=`)) continue
        seen.add(id)
        text = mail.text
        return true
      }
      return false
    }
    await eventually(t, `a mail to ${to} leads to ${page}`, look, 20_000)
    return { link: /http:\S+\?token=\S+/.exec(text)?.[0] ?? '', code: /\b\d{6}\b/.exec(text.replace(/http\S+/g, ''))?.[0] ?? '' }
  }
  const post = async (path: string, json: object, token = '') => {
    const [body, more] = [JSON.stringify(json), token ? [`Authorization: Bearer ${token}`] : []]
    const lines = [`POST ${path} HTTP/1.1`, `Host: camara-mezochi.localhost:${port}`, 'Content-Type: application/json', ...more]
    return JSON.parse((await askRaw(port, [...lines, `Content-Length: ${Buffer.byteLength(body)}`], body)).body)
  }
  const path = (page: DrivenPage) => page.read<string>('location.pathname')
  const said = (page: DrivenPage) => page.read<string>('document.body.innerText')
  const signIn = async (page: DrivenPage, password: string) => {
    await page.open(`${origin}/account/sign-in`)
    await page.fill({ email: me.email, currentPassword: password })
    await page.press('main form button')
  }
  const page = await drivePage(t, chromium)
  const [first, second, third] = ['mangue roxo lento', 'cacau doce e amargo', 'praia das sete ondas']

  await t.test('signs up and confirms by the code', async (t) => {
    await page.open(`${origin}/account/sign-up`)
    await lookAtPage(t, page, 'n-sign-up')
    await page.fill({ ...me, password: first })
    await page.press('main form button')
    await lookAtPage(t, page, 'n-sign-up-sent')
    await page.fill({ code: (await mailed(t, '/account/verify-email')).code })
    await page.press('main form button')
    await lookAtPage(t, page, 'n-verified')
    await signIn(page, first)
    t.equal(await path(page), '/account')
    await lookAtPage(t, page, 'n-overview')
    await page.press('nav button')
    await lookAtPage(t, page, 'n-signed-out')
  })

  await t.test('forgets the password, and sets another by the link', async (t) => {
    await page.open(`${origin}/account/forgot-password`)
    await lookAtPage(t, page, 'n-forgot')
    await page.fill({ email: me.email })
    await page.press('main form button')
    await page.open((await mailed(t, '/account/reset-password')).link)
    await lookAtPage(t, page, 'n-reset')
    await page.fill({ password: second })
    await page.press('main form button')
    await lookAtPage(t, page, 'n-reset-done')
    await signIn(page, second)
    t.equal(await path(page), '/account')
  })

  await t.test('signs in by a mailed code; who was there before, by a mailed link', async (t) => {
    const { email = '' } = camara?.accounts.at(-1) ?? {}
    for (const [way, to] of [
      ['link', email],
      ['code', me.email],
    ] as const) {
      await page.press('nav button')
      await page.open(`${origin}/account/sign-in-mail`)
      await page.fill({ email: to })
      await page.press('main form button')
      const { link, code } = await mailed(t, '/account/sign-in-link', to)
      if (way === 'link') await page.open(link)
      else await page.fill({ code })
      await page.press('main form button')
      t.equal(await path(page), '/account', way)
    }
  })

  await t.test('is invited, and comes in by the link', async (t) => {
    const owner = camara?.accounts.find(({ role }) => role === 'owner')
    const { accessToken } = await post('/v1/auth/sign-in', { email: owner?.email, password: owner?.password })
    await post('/v1/invitations', { email: 'invited@people.example', role: 'editor' }, accessToken)
    const guest = await drivePage(t, chromium)
    await guest.open((await mailed(t, '/account/invitation', 'invited@people.example')).link)
    await lookAtPage(t, guest, 'n-invitation')
    await guest.fill({ name: 'Rui Costa', password: first })
    await guest.press('main form button')
    t.match(await path(guest), /^\/account/)
    t.match(await said(guest), /Rui Costa|editor|Editor/)
  })

  await t.test('changes name, password and address, confirmed at both', async (t) => {
    await page.open(`${origin}/account/profile`)
    await page.fill({ name: 'Ana Neves' })
    await page.press('main form button')
    t.equal(await page.read('document.getElementById("name").value'), 'Ana Neves')
    await page.open(`${origin}/account/profile/password`)
    await page.fill({ currentPassword: second, password: third })
    await page.press('main form button')
    t.equal(await path(page), '/account/profile')
    await page.open(`${origin}/account/profile/email`)
    await page.fill({ email: 'moved@people.example' })
    await page.press('main form button')
    t.equal(await path(page), '/account/profile')
    for (const [leadsTo, address] of [
      ['/account/confirm-email', 'moved@people.example'],
      ['/account/change-email', me.email],
    ] as const) {
      await page.open((await mailed(t, leadsTo, address)).link)
      await lookAtPage(t, page, `n-change-${address.split('@')[0]}`)
      await page.press('main form button')
    }
    me.email = 'moved@people.example'
    await signIn(page, third)
    t.equal(await path(page), '/account', 'with the new address')
  })

  await t.test('sets up an app and a passkey, signs in with each and with a recovery code', async (t) => {
    await page.addAuthenticator()
    await page.open(`${origin}/account/security/totp`)
    await page.fill({ appName: 'Telemóvel' })
    await page.press('main form button')
    const secret = (await page.read<string>('document.getElementById("secret").textContent')).replaceAll(' ', '')
    await page.fill({ code: await codeBefore(secret) })
    await page.press('main form button')
    const [recovery = ''] = await page.read<string[]>('[...document.querySelectorAll(".codes li")].map((one) => one.textContent)')
    await page.open(`${origin}/account/security/passkey`)
    await page.fill({ passkeyName: 'Portátil' })
    await page.press('[data-passkey]')
    await page.open(`${origin}/account/security`)
    await lookAtPage(t, page, 'n-security')
    for (const text of ['Telemóvel', 'Portátil']) t.match(await said(page), text)
    await page.press('nav button')
    await signIn(page, third)
    await lookAtPage(t, page, 'n-second-factor')
    await page.fill({ code: totpCode(secret) })
    await page.press('main form button')
    t.equal(await path(page), '/account', 'by the app')
    await page.press('nav button')
    await page.open(`${origin}/account/sign-in`)
    await page.press('[data-passkey]')
    t.equal(await path(page), '/account', 'by the passkey')
    await page.press('nav button')
    await signIn(page, third)
    await page.read('document.querySelector("details").open = true')
    await page.fill({ recoveryCode: recovery })
    await page.press('main details button')
    t.equal(await path(page), '/account', 'by a recovery code')
  })

  await t.test('looks at the sessions and ends the others, takes the data along, and leaves, to come back by the link', async (t) => {
    await page.open(`${origin}/account/sessions`)
    await lookAtPage(t, page, 'n-sessions')
    await page.open(`${origin}/account/profile`)
    t.equal(await page.read('document.querySelectorAll(\'main a[href="/account/export"]\').length'), 1)
    await page.open(`${origin}/account/profile/erase`)
    await lookAtPage(t, page, 'n-erase')
    await page.read('for (const box of document.querySelectorAll("main input[type=checkbox]")) box.checked = true')
    await page.press('main form button')
    await lookAtPage(t, page, 'n-erase-asked')
    await page.open((await mailed(t, '/account/keep-account')).link)
    await lookAtPage(t, page, 'n-keep')
    await page.press('main form button')
    await signIn(page, third)
    t.match(await path(page), /^\/account/)
  })

  await t.test('and never met a page that a browser complained about', async (t) => {
    t.same(
      page.complaints.filter((complaint) => !/status of 4\d\d|username fields/.test(complaint)),
      [],
    )
  })
}

/** `npm run demo` with data of its own; answers its port and sites once it serves. */
