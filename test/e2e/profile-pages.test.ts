import t, { type Test } from 'tap'
import { openChallenge } from '../../src/auth/account/challenge.ts'
import { createChallengeMint } from '../../src/security/challenge-secrets.ts'
import { newId } from '../../src/security/random-token.ts'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { requireTool } from '../tool.ts'
import { isAccessible } from './axe.ts'
import { type DrivenPage, drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, config, slug, accounts, origin } = await startLocalSites(t)
  const { rows } = await data.owner.query('select id from tenants where slug = $1', [slug])
  const tenantId = String(rows[0].id)
  const db = data.open({ max: 2 }).forTenant(tenantId)
  const challenges = createChallengeMint(createSecretBox(config.secretKeys).deriveKeys('challenges'))

  /** As the worker does when it sends the newest mail of the kind. */
  async function mint(purpose: string): Promise<{ token: string; code: string }> {
    const found = await data.owner.query('select id from email_challenges where purpose = $1 order by id desc limit 1', [purpose])
    const { token, code, tokenHash, codeHash } = challenges.mint(tenantId, found.rows[0].id)
    await data.owner.query(
      `update email_challenges set token_hash = $2, code_hash = $3, code_expires_at = now() + interval '10 minutes' where id = $1`,
      [found.rows[0].id, Buffer.from(tokenHash), Buffer.from(codeHash)],
    )
    return { token, code }
  }

  async function signIn(page: DrivenPage, { email = '', password = '' } = {}) {
    await page.open(`${origin}/account/sign-in`)
    await page.fill({ email, currentPassword: password ?? '' })
    await page.press('main button')
    t.equal(await page.read('location.pathname'), '/account')
  }

  t.test('a member reads and changes the profile, without a script and on a narrow screen', async (t) => {
    const page = await drivePage(t, chromium)
    await signIn(page, accounts[2])
    await isUsable(t, page, 'overview')
    await page.press('main a[href="/account/profile"]')
    await isUsable(t, page, 'profile')
    await page.fill({ name: 'Ana d’Alva' })
    await page.press('main form button')
    t.match(await page.read('document.querySelector("[role=status]").innerText'), 'have been saved')
    await page.press('a[href="/account/profile/email"]')
    await isUsable(t, page, 'address')
    await page.fill({ email: 'a-rather-long-address-of-somebody-in-sao-tome@uma-organizacao-com-nome-comprido.example' })
    await page.press('main button')
    t.equal(await page.read('location.pathname'), '/account/profile')
    await isUsable(t, page, 'profile with a pending change')
    const { code } = await mint('change-email-new')
    await page.fill({ code: code === '000000' ? '000001' : '000000' })
    await page.press('.notice button')
    await isUsable(t, page, 'a code that is wrong')
    await page.fill({ code })
    await page.press('main button')
    await isUsable(t, page, 'new address confirmed')
    await page.open(`${origin}/account/change-email?token=${(await mint('change-email-old')).token}`)
    await isUsable(t, page, 'old side')
    await page.press('main form:last-of-type button')
    await isUsable(t, page, 'old address kept')
    await page.open(`${origin}/account/profile/password`)
    await page.fill({ currentPassword: 'not my password', password: 'another password of mine' })
    await page.press('main button')
    await isUsable(t, page, 'password with a fault')
    await page.open(`${origin}/account/profile/erase`)
    await page.press('main button')
    await isUsable(t, page, 'erasure without the tick')
    await page.read('document.getElementById("agree").click()')
    await page.press('main button')
    await isUsable(t, page, 'erasure')
    await page.open(`${origin}/account/keep-account?token=${(await mint('keep-account')).token}`)
    await isUsable(t, page, 'keep account')
    await page.press('main button')
    await isUsable(t, page, 'account kept')
    await signIn(page, accounts[2])
    const complaints = page.complaints.filter((line) => !/status of 40[03]|"recommendation"/.test(line))
    t.same(complaints, [], 'no policy was violated')
  })

  t.test('who was invited sees to what, and ends signed in', async (t) => {
    const [emailKey, invitation] = ['convidada@people.example', newId()]
    const { id: roleId } = await db.role.findFirstOrThrow({ where: { slug: 'editor' } })
    const { id: invitedBy } = await db.member.findFirstOrThrow({ where: { email: accounts[0]?.email ?? '' } })
    const expiresAt = new Date(Date.now() + 3_600_000)
    await db.invitation.create({ data: { tenantId, id: invitation, email: emailKey, emailKey, roleId, invitedBy, expiresAt } })
    await openChallenge(db, { tenantId, purpose: 'invitation', emailKey, payload: { invitation }, life: 3_600 })
    const page = await drivePage(t, chromium)
    await page.open(`${origin}/account/invitation?token=${(await mint('invitation')).token}`)
    await isUsable(t, page, 'invitation')
    await page.fill({ name: 'Convidada', password: 'curta' })
    await page.press('main button')
    await isUsable(t, page, 'invitation with a fault')
    await page.fill({ password: 'três palavras seguidas' })
    await page.press('main button')
    t.equal(await page.read('location.pathname'), '/account')
    t.match(await page.read('document.body.innerText'), emailKey)
    for (const name of ['confirm-email', 'change-email', 'keep-account', 'invitation']) {
      await page.open(`${origin}/account/${name}?token=${'A'.repeat(43)}`)
      await isUsable(t, page, `void ${name}`)
    }
  })
}

/** By axe-core, and without scrolling to the side on a screen of 320 px (WCAG 1.4.10). */
async function isUsable(t: Test, page: DrivenPage, name: string): Promise<void> {
  await page.resize(320, 800)
  t.ok((await page.read<number>('document.documentElement.scrollWidth')) <= 320, `${name} fits 320 px`)
  await isAccessible(t, page, name)
}
