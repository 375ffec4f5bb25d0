import t, { type Test } from 'tap'
import { eventually } from '../eventually.ts'
import { requireTool } from '../tool.ts'
import { type DrivenPage, drivePage } from './drive-page.ts'
import { startLocalSites } from './local-site.ts'
import { lookAtPage } from './look-at-page.ts'

const chromium = requireTool(t, 'chromium', 'chromium-browser', 'google-chrome')
if (chromium) await inBrowser(chromium)

async function inBrowser(chromium: string): Promise<void> {
  const { data, port, sites } = await startLocalSites(t)
  const [here = '', there = ''] = sites.slice(0, 2).map(({ slug }) => `http://${slug}.localhost:${port}`)
  const { email = '', password = '' } = sites[0]?.accounts?.[2] ?? {}
  await data.owner.query(
    `insert into auth_policies (tenant_id, second_factor) select id, 'required' from tenants where slug = $1
     on conflict (tenant_id) do update set second_factor = excluded.second_factor`,
    [sites[0]?.slug],
  )
  const page = await drivePage(t, chromium)
  await page.addAuthenticator()

  async function byPassword(): Promise<void> {
    await page.open(`${here}/account/sign-in`)
    await page.fill({ email, currentPassword: password ?? '' })
    await page.press('main form button')
  }
  async function isIn(t: Test, methods: string[]): Promise<void> {
    t.equal(await page.read('location.pathname'), '/account')
    t.match(await page.read('document.body.innerText'), email)
    const { rows } = await data.owner.query('select methods from sessions order by created_at desc, id desc limit 1')
    t.same(rows[0].methods, methods)
  }
  const signOut = () => page.press('nav button')

  t.test('a member who has to have a second factor makes a passkey on the way in, and is shown recovery codes once', async (t) => {
    await byPassword()
    t.equal(await page.read('document.querySelector("main h1").innerText'), 'Protect your account')
    await lookAtPage(t, page, 'enrol')
    await page.read('document.querySelector("[data-passkey=enrol]").click()')
    await eventually(t, 'codes are shown', async () => (await page.read('document.querySelectorAll("#passkey-codes li").length')) === 10, 20_000)
    t.equal(await page.read('getComputedStyle(document.querySelector("main form")).display'), 'none', 'and the rest is gone')
    await lookAtPage(t, page, 'enrolled')
    await page.press('#passkey-codes a')
    await isIn(t, ['password', 'passkey'])
    await signOut()
  })

  t.test('the passkey alone signs in, and leads back to where the visitor came from', async (t) => {
    await page.open(`${here}/account?from=test`)
    t.equal(await page.read('location.pathname'), '/account/sign-in')
    await lookAtPage(t, page, 'sign-in')
    await page.press('[data-passkey=sign-in]')
    t.equal(await page.read('location.search'), '?from=test')
    await isIn(t, ['passkey'])
    await signOut()
  })

  t.test('the passkey is the second factor after a password', async (t) => {
    await byPassword()
    t.equal(await page.read('document.querySelector("main h1").innerText'), 'Confirm that it is you')
    await lookAtPage(t, page, 'second-factor')
    await page.press('[data-passkey=second-factor]')
    await isIn(t, ['password', 'passkey'])
    await signOut()
  })

  t.test('a recovery code does where the passkey is not at hand, and a wrong one is said to be wrong', async (t) => {
    await byPassword()
    await page.read('document.querySelector("summary").click()')
    await page.fill({ recoveryCode: 'AAAAA-AAAAA' })
    await page.press('details button')
    t.equal(await page.read('document.querySelector("details").open'), true)
    await lookAtPage(t, page, 'second-factor-fault')
  })

  t.test('a passkey of one site is neither offered nor accepted at another', async (t) => {
    const answer = await assertion(page, here)
    t.match(JSON.parse(answer), { response: { type: 'public-key' } }, 'control: at its own site it is made')
    await page.open(`${there}/account/sign-in`)
    await page.read('document.querySelector("[data-passkey=sign-in]").click()')
    await eventually(t, 'the page says so', async () => (await page.read('document.getElementById("passkey-told").textContent')) !== '', 90_000)
    t.equal(await page.read('location.pathname'), '/account/sign-in')
    const refused = `navigator.credentials.get({ publicKey: { rpId: new URL('${here}').hostname, challenge: new Uint8Array(32) } }).then(() => '', ({ name }) => name)`
    t.equal(await page.run(refused), 'SecurityError', 'the browser does not ask for another site’s')
    const replayed = `fetch('/v1/auth/passkey', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(answer)} }).then(({ status }) => status)`
    t.equal(await page.run(replayed), 401)
    await page.open(`${here}/account/sign-in`)
    t.equal(await page.run(replayed), 200, 'control: where it belongs it is good')
  })

  t.test('no policy was broken', async (t) => {
    t.same(
      page.complaints.filter((complaint) => !/status of 40[01]|username fields/.test(complaint)),
      [],
    )
  })
}

/** What an authenticator answers for the site, as the API takes it. */
async function assertion(page: DrivenPage, origin: string): Promise<string> {
  await page.open(`${origin}/account/sign-in`)
  return page.run(`(async () => {
    const { challenge, options } = await (await fetch('/v1/auth/passkey/options', { method: 'POST' })).json()
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    const { id, rawId, type, response } = (await navigator.credentials.get({ publicKey })).toJSON()
    return JSON.stringify({ challenge, response: { id, rawId, type, clientExtensionResults: {}, response } })
  })()`)
}
