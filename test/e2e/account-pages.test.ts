import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createChallengeMint } from '../../src/security/challenge-secrets.ts'
import { hashToken } from '../../src/security/refresh-token.ts'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { sendRaw } from '../raw-request.ts'
import { requireTool } from '../tool.ts'
import { openPage } from './chromium.ts'
import { drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'
import { pixelAt } from './pixel.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, port, config } = await startLocalSites(t)
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-shots-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const mint = createChallengeMint(createSecretBox(config.secretKeys).deriveKeys('challenges'))

  /** Link and code of the newest challenge, as the worker makes them. */
  async function mail(slug: string): Promise<{ token: string; code: string }> {
    const { rows } = await data.owner.query(
      'select c.* from email_challenges c join tenants t on t.id = c.tenant_id where t.slug = $1 order by c.created_at desc limit 1',
      [slug],
    )
    const { tenant_id: tenantId, id } = rows[0]
    const { token, code, codeHash } = mint.mint(tenantId, id)
    await data.owner.query(
      `update email_challenges set token_hash = $2, code_hash = $3, code_expires_at = now() + interval '10 minutes' where id = $1`,
      [id, Buffer.from(hashToken(token)), Buffer.from(codeHash)],
    )
    return { token, code }
  }
  async function signIn(slug: string, email: string, password: string): Promise<number> {
    const body = JSON.stringify({ email, password })
    const headers = [`Host: ${slug}.localhost`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
    return (await sendRaw(port, ['POST /v1/auth/sign-in HTTP/1.1', ...headers], body)).status
  }

  for (const slug of ['camara-mezochi', 'cecab']) {
    const origin = `http://${slug}.localhost:${port}`
    t.test(`a person signs up at ${slug} and sets another password, in a browser, without a script`, async (t) => {
      const page = await drivePage(t, chromium)
      /** On the smallest phone, an ordinary one and a desk. */
      const look = async (name: string) => {
        for (const [width, height] of [
          [320, 640],
          [390, 844],
          [1280, 900],
        ] as const) {
          await page.resize(width, height)
          t.ok((await page.read<number>('document.documentElement.scrollWidth')) <= width, `${name} fits ${width}`)
          await page.screenshot(join(folder, `${slug}-${name}-${width}.png`))
        }
        const brand = await data.owner.query('select primary_color from brands b join tenants t on t.id = b.tenant_id where t.slug = $1', [slug])
        t.equal(pixelAt(await readFile(join(folder, `${slug}-${name}-390.png`)), 3, 3), brand.rows[0]?.primary_color)
      }
      const language = await page.read<string>('navigator.language')
      await page.open(`${origin}/`)
      await page.press('a[href="/account/sign-up"]')
      await look('sign-up')
      await page.fill({ name: 'Ana', email: 'ana@', password: 'curta' })
      await page.press('button')
      t.equal(await page.read('document.querySelectorAll("[role=alert] li").length'), 2, `in ${language}`)
      await look('sign-up-faults')
      t.equal(await page.read('document.getElementById("name").value'), 'Ana')
      t.equal(await page.read('document.getElementById("password").value'), '')
      await page.fill({ email: 'Ana@Exemplo.example', password: 'uma frase bem comprida' })
      await page.press('button')
      await look('sent')
      const { code } = await mail(slug)
      await page.fill({ code: '12' })
      await page.press('button')
      t.equal(await page.read('document.querySelectorAll("[role=alert] li").length'), 1)
      await page.fill({ code: `${code.slice(0, 3)} ${code.slice(3)}` })
      await page.press('button')
      await look('created')
      t.equal(await signIn(slug, 'ana@exemplo.example', 'uma frase bem comprida'), 200)

      await page.open(`${origin}/account/sign-up`)
      await page.fill({ name: 'Rui', email: 'rui@exemplo.example', password: 'a frase do registo' })
      await page.press('button')
      await page.open(`${origin}/account/verify-email?token=${(await mail(slug)).token}`)
      await page.fill({ password: 'a frase da ligação' })
      await page.press('button')
      t.equal(await signIn(slug, 'rui@exemplo.example', 'a frase da ligação'), 200)
      t.equal(await signIn(slug, 'rui@exemplo.example', 'a frase do registo'), 401)

      await page.open(`${origin}/account/forgot-password`)
      await look('forgot')
      // The same address may be written to once a minute: the sample member is another one.
      const { rows } = await data.owner.query(
        `select m.email from members m join tenants t on t.id = m.tenant_id where t.slug = $1 and m.email like 'membro@%'`,
        [slug],
      )
      await page.fill({ email: rows[0].email })
      await page.press('button')
      await look('forgot-sent')
      const { token } = await mail(slug)
      await page.open(`${origin}/account/reset-password?token=${token}`)
      await look('reset')
      await page.fill({ password: 'outra frase comprida' })
      await page.press('button')
      await look('changed')
      t.equal(await signIn(slug, rows[0].email, 'outra frase comprida'), 200)
      await page.open(`${origin}/account/verify-email?token=${token}`)
      await look('verify')
      await page.fill({ password: 'curta' })
      await page.press('button')
      t.equal(await page.read('document.querySelectorAll("[role=alert] li").length'), 1)
      await look('verify-fault')
      await page.fill({ password: 'mais uma frase comprida' })
      await page.press('button')
      await look('verify-invalid')
      t.equal(await page.read('document.querySelector("button")'), null)
      await page.press('.more a')
      t.equal(await page.read('location.pathname'), '/account/sign-up')
      t.same(
        page.complaints.filter((complaint) => !/status of 400|username fields/.test(complaint)),
        [],
        'no policy is broken',
      )
    })

    t.test(`a token in the address of a page of ${slug} goes to nobody as a referrer`, async (t) => {
      const page = await drivePage(t, chromium)
      await page.open(`${origin}/account/verify-email?token=${'A'.repeat(43)}`)
      await page.press('header a')
      t.equal(await page.read('location.pathname'), '/')
      t.equal(await page.read('document.referrer'), `${origin}/`)
    })

    t.test(`the account pages of ${slug} break no policy`, async (t) => {
      for (const name of ['sign-up', 'verify-email', 'forgot-password', 'reset-password']) {
        const page = await openPage(t, chromium, `${origin}/account/${name}?token=${'A'.repeat(43)}`)
        t.match(page.dom, '<main><h1>')
        // Whose password it is stands in the mail alone, so there is no user name to offer.
        t.same(
          page.console.filter((line) => !line.includes('username fields')),
          [],
          name,
        )
      }
    })
  }
}
