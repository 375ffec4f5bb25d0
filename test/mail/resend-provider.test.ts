import t, { type Test } from 'tap'
import { createProviderOpener } from '../../src/mail/providers/open-provider.ts'
import { failureReasons, MailFailure } from '../../src/mail/providers/provider.ts'
import { freePort } from '../free-port.ts'
import { failureReason } from './failure-reason.ts'
import { outgoing } from './outgoing.ts'
import { startResend } from './resend-server.ts'
import { marker } from './smtp-server.ts'

const key = 're_123_secret'

async function open(origin: string, { secret = key, socket = 5_000 } = {}) {
  const opener = createProviderOpener({ privateHosts: [], resendOrigin: origin, timeouts: { socket } })
  return opener.open({ provider: 'resend', host: '', port: 0, security: 'tls', username: '', secret })
}

async function start(t: Test) {
  const api = await startResend(t, key)
  return { api, provider: await open(api.origin) }
}

t.test('a mail is posted with its key, its intent and its logo, and answers their name for it', async (t) => {
  const { api, provider } = await start(t)
  const logo = Buffer.from('logo')
  t.same(await provider.send(outgoing({ logo, replyTo: 'balcao@site-a.example', intent: 'tenant/intent' })), { providerRef: 're_1' })
  const [request] = api.requests
  t.match(request, { method: 'POST', url: '/emails' })
  t.match(request?.headers, { authorization: `Bearer ${key}`, 'idempotency-key': 'tenant/intent', 'content-type': 'application/json' })
  const { text, html, subject } = outgoing()
  t.same(request?.body, {
    from: '"Câmara de Mé-Zóchi" <camara@site-a.example>',
    to: ['maria@example.org'],
    subject,
    html,
    text,
    reply_to: 'balcao@site-a.example',
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' },
    attachments: [{ filename: 'logo.png', content: logo.toString('base64'), content_type: 'image/png', content_id: 'logo' }],
  })
})

t.test('an intent that no header can carry keeps its meaning', async (t) => {
  const { api, provider } = await start(t)
  for (const intent of ['ção', 'x'.repeat(257), 'a\r\nb', 'ção']) await provider.send(outgoing({ intent }))
  const keys = api.requests.map(({ headers }) => String(headers['idempotency-key']))
  t.ok(keys.every((sent) => /^[0-9a-f]{64}$/.test(sent)))
  t.equal(keys[0], keys[3])
  t.equal(new Set(keys).size, 3)
})

t.test('nobody can be written in', async (t) => {
  const { api, provider } = await start(t)
  for (const to of ['b@x.example,evil@y.example', 'B <b@x.example>', 'b@x.example\r\nBcc: evil@x.example']) {
    t.equal(await failureReason(provider.send(outgoing({ to }))), 'recipient-refused')
  }
  t.equal(api.requests.length, 0)
  await provider.send(outgoing({ from: { name: 'A" <evil@x.example>, "B\r\nBcc: evil@x.example', address: 'camara@site-a.example' } }))
  t.match(api.requests[0]?.body, { from: '"A <evil@x.example>, B Bcc: evil@x.example" <camara@site-a.example>' })
})

const answers: readonly (readonly [status: number, name: string, reason: MailFailure['reason'] | 'done'])[] = [
  [200, '', 'done'],
  [400, 'validation_error', 'message-refused'],
  [400, 'invalid_idempotency_key', 'message-refused'],
  [401, 'missing_api_key', 'sign-in-refused'],
  [401, 'restricted_api_key', 'sign-in-refused'],
  [403, 'invalid_api_key', 'sign-in-refused'],
  [403, 'validation_error', 'sender-refused'],
  [404, 'not_found', 'unreachable'],
  [405, 'method_not_allowed', 'unreachable'],
  [409, 'concurrent_idempotent_requests', 'try-later'],
  [409, 'invalid_idempotent_request', 'done'],
  [422, 'missing_required_field', 'message-refused'],
  [429, 'rate_limit_exceeded', 'rate-limited'],
  [429, 'daily_quota_exceeded', 'rate-limited'],
  [500, 'application_error', 'try-later'],
  [503, '', 'try-later'],
]

t.test('every answer of theirs is told apart, and nothing they write is passed on', async (t) => {
  const { api, provider } = await start(t)
  for (const [status, name, reason] of answers) {
    api.answer = [status, name]
    const error = await provider.send(outgoing()).catch((thrown) => thrown)
    t.equal(error instanceof MailFailure ? error.reason : 'done', reason, `${status} ${name}`)
    if (!(error instanceof MailFailure)) continue
    t.equal(error.message, failureReasons[error.reason].says)
    t.notMatch(String(error.cause), marker)
  }
})

t.test('what is no answer of theirs', async (t) => {
  const { api, provider } = await start(t)
  api.answer = (response) => response.writeHead(302, { location: `${api.origin}/emails` }).end()
  t.equal(await failureReason(provider.send(outgoing())), 'unreachable', 'a redirect is not followed')
  t.equal(api.requests.length, 1)
  api.answer = (response) => response.destroy()
  t.equal(await failureReason(provider.send(outgoing())), 'unreachable', 'it breaks off')
  const hasty = await open(api.origin, { socket: 300 })
  api.answer = () => {}
  t.equal(await failureReason(hasty.send(outgoing())), 'timeout', 'it hangs')
  api.answer = (response) => {
    const drip = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(drip))
  }
  t.equal(await failureReason(hasty.send(outgoing())), 'timeout', 'it drips')
  api.answer = (response) => response.end(`{"id":"re_1","x":"${'x'.repeat(10_000_000)}"}`)
  t.same(await provider.send(outgoing()), {}, 'a long answer is not read to its end')
  for (const body of ['', 'null', '[]', '"re_1"', '{"id":{"$ne":1}}', '{"id":"re 1\\r\\n"}', '<html>']) {
    api.answer = (response) => response.end(body)
    t.same(await provider.send(outgoing()), {}, `${body} holds no name`)
  }
  t.equal(await failureReason((await open(`http://127.0.0.1:${await freePort()}`)).send(outgoing())), 'unreachable', 'nobody is there')
})

t.test('verify sends nothing, and takes a key that may only send', async (t) => {
  const { api, provider } = await start(t)
  await provider.verify()
  api.answer = [401, 'restricted_api_key']
  await provider.verify()
  t.ok(api.requests.every(({ method, url }) => method === 'GET' && url === '/domains'))
  t.equal(await failureReason((await open(api.origin, { secret: 'wrong' })).verify()), 'sign-in-refused')
  api.answer = [429, 'rate_limit_exceeded']
  t.equal(await failureReason(provider.verify()), 'rate-limited')
  api.answer = () => {}
  t.equal(await failureReason((await open(api.origin, { socket: 300 })).verify()), 'timeout')
})
