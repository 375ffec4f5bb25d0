import t from 'tap'
import { createChallengeMint } from '../../src/security/challenge-secrets.ts'
import { hashToken } from '../../src/security/refresh-token.ts'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { codeBefore, totpCode } from '../auth/factor-calls.ts'
import { requireTool } from '../tool.ts'
import { drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'
import { lookAtPage } from './look-at-page.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, config, slug, accounts, origin } = await startLocalSites(t)
  const { email = '', password = '' } = accounts[2] ?? {}
  const mint = createChallengeMint(createSecretBox(config.secretKeys).deriveKeys('challenges'))

  /** Link and code of the newest challenge, as the worker makes them. */
  async function mail(): Promise<{ token: string; code: string }> {
    const { rows } = await data.owner.query('select * from email_challenges order by created_at desc limit 1')
    const { token, code, codeHash } = mint.mint(rows[0].tenant_id, rows[0].id)
    await data.owner.query(
      `update email_challenges set token_hash = $2, code_hash = $3, code_expires_at = now() + interval '10 minutes' where id = $1`,
      [rows[0].id, Buffer.from(hashToken(token)), Buffer.from(codeHash)],
    )
    return { token, code }
  }

  t.test('a member signs in by a mailed code, and in another browser by the link, without a script', async (t) => {
    const page = await drivePage(t, chromium)
    await page.open(`${origin}/account/sign-in?return_to=${encodeURIComponent('/account?kept=1')}`)
    await page.press('a[href^="/account/sign-in-mail"]')
    await lookAtPage(t, page, 'sign-in-mail')
    await page.fill({ email })
    await page.press('main button')
    await lookAtPage(t, page, 'sign-in-mail-sent')
    const { token, code } = await mail()
    await page.fill({ code: code === '123456' ? '654321' : '123456' })
    await page.press('main button')
    await lookAtPage(t, page, 'sign-in-code-fault')
    await page.fill({ code })
    const other = await drivePage(t, chromium)
    await other.open(`${origin}/account/sign-in-link?token=${token}`)
    t.match(await other.read('document.body.innerText'), email)
    await lookAtPage(t, other, 'sign-in-link')
    await page.press('main button')
    t.equal(await page.read('location.pathname + location.search'), '/account?kept=1')
    await other.press('main button')
    t.equal(await other.read('document.querySelectorAll("main form").length'), 0, 'what was spent by the code is void as a link')
    await lookAtPage(t, other, 'sign-in-link-void')
    t.same(
      [...page.complaints, ...other.complaints].filter((complaint) => !/status of 40[01]|username fields/.test(complaint)),
      [],
    )
  })

  t.test('a member who has to have a second factor sets an app up on the way in, and shows its code from then on', async (t) => {
    await data.owner.query(
      `insert into auth_policies (tenant_id, second_factor) select id, 'required' from tenants where slug = $1
       on conflict (tenant_id) do update set second_factor = excluded.second_factor`,
      [slug],
    )
    const page = await drivePage(t, chromium)
    const byPassword = async () => {
      await page.open(`${origin}/account/sign-in`)
      await page.fill({ email, currentPassword: password ?? '' })
      await page.press('main button')
    }
    await byPassword()
    const secret = (await page.read<string>('document.querySelector("main strong").innerText')).replaceAll(' ', '')
    await page.fill({ code: '12' })
    await page.press('main form button')
    await lookAtPage(t, page, 'enrol-fault')
    await page.fill({ code: await codeBefore(secret) })
    await page.press('main form button')
    t.equal(await page.read('document.querySelectorAll(".codes li").length'), 10)
    await lookAtPage(t, page, 'recovery-codes')
    await page.press('.more a')
    t.equal(await page.read('location.pathname'), '/account')
    await page.press('nav button')
    await byPassword()
    await lookAtPage(t, page, 'second-factor-app')
    await page.fill({ code: totpCode(secret) })
    await page.press('main form button')
    t.equal(await page.read('location.pathname'), '/account')
  })
}
