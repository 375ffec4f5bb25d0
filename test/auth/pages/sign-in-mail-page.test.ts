import t from 'tap'
import { createTestApp } from '../../app.ts'
import { cookieHeader } from '../auth-calls.ts'
import { accountCalls, openLimits } from '../minted.ts'
import { alertIn, hiddenIn, pageCalls } from './page-calls.ts'

const tools = await createTestApp(t, { overrides: { limits: openLimits() } })
const { a, b } = tools
const { open, submit, setColumns } = pageCalls(tools)
const { mint, challengeRow } = accountCalls(tools)
const email = a.owner.email
const text = (body: string, address: string) => body.replaceAll(address, '').replace(/name="challenge" value="[^"]*"/, '')

/** A mail that was asked for on the page, and sent. */
async function mailed(more: Record<string, string> = {}) {
  const asked = await submit(a, 'sign-in-mail', { email, ...more })
  t.equal(asked.statusCode, 200)
  return { asked, ...(await mint(a, hiddenIn(asked, 'challenge'))) }
}

t.test('the sign-in page leads there with the way back, and the page says the same for every address: 200', async (t) => {
  t.match((await open(a, 'sign-in?return_to=%2Faccount%2Fprofile')).body, '/account/sign-in-mail?return_to=%2Faccount%2Fprofile')
  const page = await open(a, 'sign-in-mail?return_to=%2Faccount%2Fprofile')
  t.equal(page.statusCode, 200)
  t.equal(hiddenIn(page, 'return_to'), '/account/profile')
  t.notMatch(page.body, '<script')
  const known = await submit(a, 'sign-in-mail', { email })
  const unknown = await submit(a, 'sign-in-mail', { email: 'nobody@people.example' })
  t.equal(unknown.statusCode, 200)
  t.equal(text(unknown.body, 'nobody@people.example'), text(known.body, email))
  t.equal((await challengeRow(hiddenIn(known, 'challenge'))).purpose, 'sign-in', 'control')
  const wrong = await submit(a, 'sign-in-mail', { email: 'no address' })
  t.equal(wrong.statusCode, 400)
  t.match(alertIn(wrong), 'href="#email"')
})

t.test('the code signs in and leads on: 303 with cookies; a wrong one keeps the form: 400', async (t) => {
  const { challenge, code } = await mailed({ return_to: '/account/profile' })
  const wrong = await submit(a, 'sign-in-code', { challenge, code: code === '123456' ? '654321' : '123456', return_to: '/account/profile' })
  t.equal(wrong.statusCode, 400)
  t.match(alertIn(wrong), 'Ask for another mail')
  t.equal(hiddenIn(wrong, 'challenge'), challenge)
  t.equal(hiddenIn(wrong, 'return_to'), '/account/profile')
  t.equal((await submit(b, 'sign-in-code', { challenge, code })).statusCode, 400, 'at another site it is worth nothing')
  const right = await submit(a, 'sign-in-code', { challenge, code: ` ${code.slice(0, 3)} ${code.slice(3)}`, return_to: '/account/profile' })
  t.equal(right.statusCode, 303)
  t.equal(right.headers.location, '/account/profile')
  t.match((await tools.app.inject({ url: '/account', headers: { host: a.host, cookie: cookieHeader(right) } })).body, email)
  t.equal((await submit(a, 'sign-in-code', { challenge, code })).statusCode, 400, 'once')
  const evil = await mailed()
  t.equal((await submit(a, 'sign-in-code', { ...pick(evil), return_to: '//evil.example' })).headers.location, '/account')
})

t.test('the link says whose account it is and spends nothing until the button: 200, then 303', async (t) => {
  const { token, challenge } = await mailed()
  for (let look = 0; look < 2; look++) {
    const page = await open(a, `sign-in-link?token=${token}&utm_source=mail`)
    t.equal(page.statusCode, 200)
    t.match(page.body, `to the account ${email}`)
    t.same(page.cookies, [])
  }
  t.equal((await challengeRow(challenge)).spent_at, null)
  t.equal((await open(b, `sign-in-link?token=${token}`)).statusCode, 400, 'at another site it is void')
  const pressed = await submit(a, 'sign-in-link', { token })
  t.equal(pressed.statusCode, 303)
  t.equal(pressed.headers.location, '/account')
  t.ok(pressed.cookies.some(({ name }) => name === '__Host-access'))
  const again = await submit(a, 'sign-in-link', { token })
  t.equal(again.statusCode, 400)
  t.notMatch(again.body, '<button', 'a void link has nothing to press')
  const opened = await open(a, `sign-in-link?token=${token}`)
  t.equal(opened.statusCode, 400)
  t.notMatch(opened.body, email)
  t.match((await open(a, 'sign-in-link')).body, 'Open the link in the mail that we sent you.')
})

t.test('where the site does not want it the way is hidden, and says so when it is called: 403', async (t) => {
  const { token, challenge, code } = await mailed()
  await setColumns(t, a, { mailed_sign_in: false })
  t.notMatch((await open(a, 'sign-in')).body, 'sign-in-mail')
  t.match((await open(b, 'sign-in')).body, 'sign-in-mail', 'control: at another site')
  const calls = [
    await open(a, 'sign-in-mail'),
    await open(a, `sign-in-link?token=${token}`),
    await submit(a, 'sign-in-mail', { email }),
    await submit(a, 'sign-in-code', { challenge, code }),
    await submit(a, 'sign-in-link', { token }),
  ]
  for (const answer of calls) {
    t.equal(answer.statusCode, 403)
    t.match(alertIn(answer), 'This site does not let people in by mail.')
    t.notMatch(answer.body, '<form')
    t.same(answer.cookies, [])
  }
  await setColumns(t, a, { mailed_sign_in: true })
  t.equal((await submit(a, 'sign-in-link', { token })).statusCode, 303, 'control')
})

t.test('the address of a step that only a form leads to sends to sign in: 303', async (t) => {
  for (const step of ['sign-in-code', 'second-factor', 'enrol-factor']) t.equal((await open(a, step)).headers.location, '/account/sign-in', step)
})

function pick({ challenge, code }: { challenge: string; code: string }) {
  return { challenge, code }
}
