import t from 'tap'
import { requireTool } from '../tool.ts'
import { isAccessible } from './axe.ts'
import { drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { accounts, origin } = await startLocalSites(t)
  const { email = '', password = '' } = accounts[2] ?? {}

  t.test('a member signs in, sees the account and signs out, without a script', async (t) => {
    const page = await drivePage(t, chromium)
    await page.open(`${origin}/account`)
    t.equal(await page.read('location.pathname'), '/account/sign-in')
    await isAccessible(t, page, 'sign-in')
    await page.fill({ email, currentPassword: 'not my password' })
    await page.press('main button')
    await isAccessible(t, page, 'sign-in with a fault')
    await page.fill({ currentPassword: password ?? '' })
    await page.press('main button')
    t.equal(await page.read('location.pathname'), '/account')
    t.match(await page.read('document.body.innerText'), email)
    await isAccessible(t, page, 'overview')
    await page.press('nav button')
    t.equal(await page.read('location.pathname'), '/account/signed-out')
    await isAccessible(t, page, 'signed out')
    await page.open(`${origin}/account`)
    t.equal(await page.read('location.pathname'), '/account/sign-in')
  })

  t.test('the pages of visitors are accessible', async (t) => {
    const page = await drivePage(t, chromium)
    for (const name of ['sign-up', 'verify-email', 'forgot-password', 'reset-password']) {
      await page.open(`${origin}/account/${name}?token=${'A'.repeat(43)}`)
      await isAccessible(t, page, name)
    }
  })
}
