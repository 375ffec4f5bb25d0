import { createHash } from 'node:crypto'
import t from 'tap'
import { createTestApp, type TestSite } from '../app.ts'
import { accessToken } from './access-token.ts'
import { bounce, complaint } from './reports.ts'
import { addSentMail } from './sent-mail.ts'

const test = await createTestApp(t)
const { data, a, b, call } = test
const session = await accessToken(test, a)

const rotate = async () =>
  (await call(a, { method: 'POST', url: '/v1/mail-account/report-token', headers: { authorization: `Bearer ${session}` } })).json().token
let token: string = await rotate()

const send = (site: TestSite, payload: string | Buffer, headers: Record<string, string> = {}) =>
  call(site, {
    method: 'POST',
    url: '/v1/mail/reports',
    headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${token}`, ...headers },
    payload,
  })

const suppressions = async (site: TestSite) =>
  (await data.owner.query('select email_key, reason, detail from mail_suppressions where tenant_id = $1 order by email_key', [site.id])).rows
const lastError = async (site: TestSite, ref: string) =>
  (await data.owner.query('select last_error from mail_messages where tenant_id = $1 and message_ref = $2', [site.id, ref])).rows[0]?.last_error

t.beforeEach(async () => {
  await data.owner.query('delete from mail_suppressions')
  await data.owner.query('delete from mail_messages')
  await addSentMail(data, a, { messageRef: '<1@camara.example>', recipient: 'ana@nowhere.example' })
})

t.test('a bounce of a mail that this site sent suppresses its recipient: 202 recorded, again and again', async (t) => {
  for (const _ of [1, 2]) {
    const answer = await send(a, bounce())
    t.match([answer.statusCode, answer.json()], [202, { outcome: 'recorded' }])
  }
  t.same(await suppressions(a), [{ email_key: 'ana@nowhere.example', reason: 'bounce', detail: '5.1.1' }])
  t.equal(await lastError(a, '<1@camara.example>'), 'bounced (5.1.1)')
  t.same(await suppressions(b), [])
})

t.test('a complaint suppresses, too', async (t) => {
  t.same((await send(a, complaint())).json(), { outcome: 'recorded' })
  t.match(await suppressions(a), [{ email_key: 'ana@nowhere.example', reason: 'complaint' }])
  t.equal(await lastError(a, '<1@camara.example>'), 'complained')
})

t.test('a mailbox that is full, or a mail that is taken for spam, is noted and suppresses nobody', async (t) => {
  for (const status of ['5.2.2', '5.7.1', '5.3.4', '5.0.0', '5.4.4']) {
    t.same((await send(a, bounce({ status }))).json(), { outcome: 'recorded' }, status)
    t.equal(await lastError(a, '<1@camara.example>'), `bounced (${status})`)
  }
  t.same(await suppressions(a), [])
})

t.test('what is not about a mail that this site sent to that recipient is ignored: 202', async (t) => {
  await addSentMail(data, b, { messageRef: '<b@cecab.example>', recipient: 'ana@nowhere.example' })
  const others = {
    'an unknown Message-ID': bounce({ messageId: '<2@camara.example>' }),
    'another recipient': bounce({ finalRecipient: 'rfc822; rui@nowhere.example' }),
    "another site's mail": bounce({ messageId: '<b@cecab.example>' }),
    'a complaint about another': complaint({ rcptTo: 'rui@nowhere.example' }),
    'only a delay': bounce({ action: 'delayed', status: '4.4.1' }),
    'no report': 'Subject: hello\r\n\r\nhello',
    nothing: '\r\n',
  }
  for (const [what, mail] of Object.entries(others)) {
    const answer = await send(a, mail)
    t.match([answer.statusCode, answer.json()], [202, { outcome: 'ignored' }], what)
  }
  t.same([...(await suppressions(a)), ...(await suppressions(b))], [])
})

t.test('of a report of several recipients each counts by itself', async (t) => {
  const more = ['', 'Final-Recipient: rfc822; rui@nowhere.example', 'Action: failed', 'Status: 5.1.1']
  t.same((await send(a, bounce({ more }))).json(), { outcome: 'recorded' })
  t.match(await suppressions(a), [{ email_key: 'ana@nowhere.example' }])
})

t.test("without the site's token 401 MAIL_REPORT_REFUSED, whether the site has one or not", async (t) => {
  const wrong = { none: '', other: `Bearer ${'A'.repeat(43)}`, short: 'Bearer x', basic: `Basic ${token}`, session: `Bearer ${session}` }
  const answers: string[] = []
  for (const [what, authorization] of Object.entries(wrong)) {
    for (const site of [a, b]) {
      const answer = await send(site, bounce(), { authorization })
      t.match([answer.statusCode, answer.json().code], [401, 'MAIL_REPORT_REFUSED'], `${what} ${site.slug}`)
      const { requestId: _, ...rest } = answer.json()
      answers.push(JSON.stringify(rest))
    }
  }
  t.equal(new Set(answers).size, 1)
  t.equal((await send(b, bounce())).statusCode, 401, "another site's token")
  t.same(await suppressions(a), [])
  t.equal((await send(a, bounce())).statusCode, 202, 'with it')
})

t.test('failures are limited, and reports with the token are not', async (t) => {
  const statuses = new Set<number>()
  for (let at = 0; at < 15; at++) statuses.add((await send(b, bounce(), { authorization: 'Bearer x' })).statusCode)
  t.same([...statuses], [401, 429])
  for (let at = 0; at < 30; at++) t.equal((await send(a, bounce())).statusCode, 202)
})

t.test('only a mail as it came is taken, up to 256 KB', async (t) => {
  t.equal((await send(a, '{}', { 'content-type': 'application/json' })).statusCode, 415)
  t.equal((await send(a, bounce(), { 'content-type': 'text/plain' })).statusCode, 415)
  t.equal((await send(a, bounce(), { 'content-type': 'message/rfc822; charset=utf-8' })).statusCode, 202)
  t.equal((await send(a, Buffer.alloc(10 * 1024 * 1024, 'x'))).json().code, 'BODY_TOO_LARGE')
  t.equal((await send(a, Buffer.alloc(250 * 1024, 'x'))).statusCode, 202)
  const bodyless = await call(a, { method: 'POST', url: '/v1/mail/reports', headers: { authorization: `Bearer ${token}` } })
  t.match([bodyless.statusCode, bodyless.json().code], [400, 'REQUEST_INVALID'])
})

t.test('broken mails break nothing: 202', async (t) => {
  const mail = bounce({ returned: 'message/rfc822' })
  for (let length = 1; length < mail.length; length += 97) t.equal((await send(a, mail.slice(0, length))).statusCode, 202)
  const levels = Array.from({ length: 1000 }, (_, at) => `Content-Type: multipart/report; boundary=b${at}\r\n\r\n--b${at}\r\n`).join('')
  t.equal((await send(a, levels)).statusCode, 202)
  t.equal((await send(a, Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 197) % 256)))).statusCode, 202)
  t.equal((await send(a, bounce({ messageId: '<1@camara\u0000.example>' }))).statusCode, 202)
})

t.test('the token is shown once, kept as a hash, and ends when the next is made', async (t) => {
  const { rows } = await data.owner.query('select report_token_hash from mail_accounts where tenant_id = $1', [a.id])
  t.same(rows[0].report_token_hash, createHash('sha256').update(token).digest())
  const old = token
  token = await rotate()
  t.match(token, /^[\w-]{43}$/)
  t.not(token, old)
  t.equal((await send(a, bounce(), { authorization: `Bearer ${old}` })).statusCode, 401)
  t.equal((await send(a, bounce())).statusCode, 202)
})
