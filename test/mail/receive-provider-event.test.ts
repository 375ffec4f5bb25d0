import { createHmac, randomBytes } from 'node:crypto'
import t from 'tap'
import { createTestApp, type TestSite } from '../app.ts'
import { accessToken } from './access-token.ts'
import { addSentMail } from './sent-mail.ts'

const test = await createTestApp(t)
const { app, data, a, b, call } = test
const session = await accessToken(test, a)
const secret = `whsec_${randomBytes(24).toString('base64')}`

const save = (value: unknown) =>
  call(a, { method: 'PUT', url: '/v1/mail-account/webhook-secret', headers: { authorization: `Bearer ${session}` }, payload: { secret: value } })
await save(secret)

const now = () => Math.floor(Date.now() / 1000)

interface Signing {
  id?: string
  time?: number | string
  with?: string
}

function sign(body: string, { id = 'msg_1', time = now(), with: key = secret }: Signing = {}): string {
  const mac = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'))
  return `v1,${mac.update(`${id}.${time}.${body}`).digest('base64')}`
}

function send(site: TestSite, body: string, headers: Record<string, string> = {}) {
  const signed = { 'svix-id': 'msg_1', 'svix-timestamp': String(now()), 'svix-signature': sign(body) }
  return call(site, {
    method: 'POST',
    url: '/v1/mail/events/resend',
    headers: { 'content-type': 'application/json', ...signed, ...headers },
    payload: body,
  })
}

function event(type = 'email.bounced', own: object = {}) {
  const bounce = { type: 'Permanent', subType: 'General', message: 'The recipient does not exist.' }
  const common = {
    email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
    from: 'Camara <info@camara.example>',
    subject: 'Olá',
    created_at: '2026-11-24T10:00:00Z',
  }
  const data = { ...common, to: ['ana@nowhere.example'], ...(type === 'email.bounced' ? { bounce } : {}), ...own }
  return JSON.stringify({ type, created_at: '2026-11-24T10:00:01.000Z', data })
}

const suppressions = async (site: TestSite) =>
  (await data.owner.query('select email_key, reason, detail from mail_suppressions where tenant_id = $1', [site.id])).rows

t.beforeEach(async () => {
  await data.owner.query('delete from mail_suppressions')
  await data.owner.query('delete from mail_messages')
  await addSentMail(data, a, { providerRef: '56761188-7520-42d8-8898-ff6fc54ce618', recipient: 'ana@nowhere.example' })
})

t.test('a permanent bounce suppresses the recipient: 202 recorded, and the same once more does no more', async (t) => {
  for (const _ of [1, 2]) {
    const answer = await send(a, event())
    t.match([answer.statusCode, answer.json()], [202, { outcome: 'recorded' }])
  }
  t.same(await suppressions(a), [{ email_key: 'ana@nowhere.example', reason: 'bounce', detail: 'General' }])
})

t.test('a complaint suppresses; the recipient may be written with a name', async (t) => {
  t.same((await send(a, event('email.complained', { to: 'Ana <Ana@nowhere.example>' }))).json(), { outcome: 'recorded' })
  t.match(await suppressions(a), [{ email_key: 'ana@nowhere.example', reason: 'complaint' }])
})

t.test('a bounce that is not permanent, or whose status speaks of no bad mailbox, suppresses nobody', async (t) => {
  for (const type of ['Transient', 'Undetermined']) {
    t.same((await send(a, event('email.bounced', { bounce: { type } }))).json(), { outcome: 'ignored' }, type)
  }
  const policy = { type: 'Permanent', subType: 'General', message: 'smtp; 550 5.7.1 rejected as spam' }
  t.same((await send(a, event('email.bounced', { bounce: policy }))).json(), { outcome: 'recorded' })
  t.same(await suppressions(a), [])
})

t.test('other events, other mails and other shapes are taken and ignored: 202', async (t) => {
  const others = [
    event('email.delivered'),
    event('email.bounced', { email_id: 'another' }),
    event('email.bounced', { to: ['rui@nowhere.example'] }),
    event('email.bounced', { to: [] }),
    event('email.bounced', { to: { not: '' } }),
    event('email.bounced', { email_id: { not: '' } }),
    event('email.bounced', { email_id: '\u0000' }),
    event('email.bounced', { bounce: null }),
    event('email.bounced', { to: Array(200).fill('ana@nowhere.example') }),
    '{"__proto__": {"type": "email.bounced"}}',
    '[]',
    'null',
  ]
  for (const body of others) {
    const answer = await send(a, body)
    t.match([answer.statusCode, answer.json()], [202, { outcome: 'ignored' }], body.slice(0, 80))
  }
  t.same(await suppressions(a), [])
  t.equal((await send(a, '{')).json().code, 'BODY_INVALID')
  t.equal((await send(a, '')).statusCode, 400)
})

t.test('a signature that is missing, wrong, old or of the future answers 401 MAIL_REPORT_REFUSED', async (t) => {
  const body = event()
  const wrong: Record<string, Record<string, string>> = {
    missing: { 'svix-signature': '' },
    'of another body': { 'svix-signature': sign(event('email.complained')) },
    'of another id': { 'svix-id': 'msg_2' },
    'by another secret': { 'svix-signature': sign(body, { with: `whsec_${randomBytes(24).toString('base64')}` }) },
    'by an empty secret': { 'svix-signature': sign(body, { with: 'whsec_' }) },
    old: { 'svix-timestamp': String(now() - 301), 'svix-signature': sign(body, { time: now() - 301 }) },
    'of the future': { 'svix-timestamp': String(now() + 310), 'svix-signature': sign(body, { time: now() + 310 }) },
    'without a time': { 'svix-timestamp': 'NaN', 'svix-signature': sign(body, { time: 'NaN' }) },
    'of another version': { 'svix-signature': sign(body).replace('v1,', 'v2,') },
  }
  for (const [what, headers] of Object.entries(wrong)) {
    const answer = await send(a, body, headers)
    t.match([answer.statusCode, answer.json().code], [401, 'MAIL_REPORT_REFUSED'], what)
  }
  t.same(await suppressions(a), [])
  t.equal(
    (await send(a, body, { 'svix-timestamp': String(now() - 290), 'svix-signature': sign(body, { time: now() - 290 }) })).statusCode,
    202,
    'just in time',
  )
  t.equal((await send(a, body, { 'svix-signature': `v1,${'A'.repeat(43)}= ${sign(body)}` })).statusCode, 202, 'one of several')
})

t.test("a site without a secret answers the same 401, also to an empty secret and to another site's", async (t) => {
  const body = event()
  for (const signature of [sign(body), sign(body, { with: 'whsec_' })]) {
    const answer = await send(b, body, { 'svix-signature': signature })
    t.match([answer.statusCode, answer.json().code], [401, 'MAIL_REPORT_REFUSED'])
  }
  t.equal((await send(a, body)).statusCode, 202, 'where it belongs it is taken')
})

t.test('another content type answers 415', async (t) => {
  t.equal((await send(a, event(), { 'content-type': 'text/plain' })).statusCode, 415)
})

t.test('the secret is kept sealed, never shown, and has to be one: 204 or 400', async (t) => {
  t.equal((await save(secret)).statusCode, 204)
  const { rows } = await data.owner.query('select sealed_webhook_secret from mail_accounts where tenant_id = $1', [a.id])
  t.match(rows[0].sealed_webhook_secret, /^v1\.test\./)
  t.equal(app.secretBox.open(rows[0].sealed_webhook_secret, { tenantId: a.id, field: 'mail_accounts.sealed_webhook_secret' }), secret)
  for (const value of ['', 'whsec_', 'whsec_short', `whsec_${'A'.repeat(300)}`, 'sk_live_1234567890123456789012345678', 5, null]) {
    t.equal((await save(value)).statusCode, 400, String(value).slice(0, 20))
  }
})
