import { generateKeyPairSync, verify as verifySignature } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import PostalMime from 'postal-mime'
import t, { type Test } from 'tap'
import { createProviderOpener, type ProviderSettings } from '../../src/mail/providers/open-provider.ts'
import { failureReasons, MailFailure, type OutgoingMail } from '../../src/mail/providers/provider.ts'
import { makeCertificate, trust } from './certificate.ts'
import { failureReason } from './failure-reason.ts'
import { outgoing } from './outgoing.ts'
import { type Fault, marker, type SmtpServerOptions, type Stage, startSmtpServer, type TestSmtpServer } from './smtp-server.ts'

const timeouts = { connection: 15_000, greeting: 15_000, socket: 15_000, whole: 30_000 }
/** For what is to time out. */
const short = { connection: 300, greeting: 300, socket: 300, whole: 700 }
/** For what is to time out once all before it was answered. */
const shortAtLast = { connection: 10_000, greeting: 10_000, socket: 1_500, whole: 2_500 }
const account = { user: 'camara', pass: 'pa ss:wörd' }

interface Way extends Partial<ProviderSettings> {
  connections?: number
  within?: typeof timeouts
}

/** A provider for the server, by the name `relay.example` that leads to loopback. */
async function open(t: Test, { port }: { port: number }, { connections = 1, within = timeouts, ...own }: Way = {}) {
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
  const opener = createProviderOpener({ privateHosts: ['relay.example'], lookup, timeouts: within })
  const settings = { provider: 'smtp' as const, host: 'relay.example', port, security: 'none' as const, username: '', secret: '', ...own }
  const provider = await opener.open(settings, { connections })
  t.teardown(() => provider.close())
  return provider
}

const signedIn = { username: account.user, secret: account.pass }

async function sent(t: Test, mail: OutgoingMail, options: SmtpServerOptions = {}) {
  const server = await startSmtpServer(t, options)
  await (await open(t, server)).send(mail)
  const [received] = server.received
  if (!received) throw new Error('no mail arrived')
  return { ...received, parsed: await PostalMime.parse(received.raw) }
}

t.test('a mail arrives once, with both bodies, its logo, and nothing but ASCII on the way', async (t) => {
  const logo = Buffer.from('89504e470d0a1a0a', 'hex')
  const { from, to, raw, parsed } = await sent(t, outgoing({ logo, replyTo: 'balcao@site-a.example', headers: { 'List-Id': '<a.example>' } }))
  t.same([from, to], ['camara@site-a.example', ['maria@example.org']])
  t.notMatch(raw, /[^\x00-\x7f]/)
  t.same(parsed.from, { name: 'Câmara de Mé-Zóchi', address: 'camara@site-a.example' })
  t.equal(parsed.subject, 'Confirme o seu endereço: código 123456')
  t.equal(parsed.messageId, outgoing().messageId)
  t.match(parsed.text, 'Olá, Mária.')
  t.match(parsed.html, '<b>Mária</b>')
  t.equal(parsed.replyTo?.[0]?.address, 'balcao@site-a.example')
  t.equal(parsed.attachments[0]?.contentId, '<logo>')
  t.equal(parsed.attachments[0]?.disposition, 'inline')
  const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]))
  t.equal(headers['auto-submitted'], 'auto-generated')
  t.equal(headers['x-auto-response-suppress'], 'OOF, AutoReply')
  t.equal(headers['list-id'], '<a.example>')
  t.ok(Math.abs(Date.parse(headers.date ?? '') - Date.now()) < 60_000, 'dated now')
  t.notOk(headers['x-mailer'])
})

t.test('nobody can be written in: one recipient, one line per header', async (t) => {
  const server = await startSmtpServer(t)
  const provider = await open(t, server)
  const bad = [
    'b@x.example\r\nBcc: evil@x.example',
    'b@x.example,evil@y.example',
    'b@x.example, evil@y.example',
    'Group: b@x.example;',
    '"a b"@x.example',
  ]
  for (const address of [...bad, '<b@x.example>', 'B <b@x.example>', 'b@x.example (evil@y.example)', 'b@x.example\0', '', 'b', 'b@[127.0.0.1]']) {
    t.equal(await failureReason(provider.send(outgoing({ to: address }))), 'recipient-refused', JSON.stringify(address))
    t.equal(await failureReason(provider.send(outgoing({ from: { name: '', address } }))), 'sender-refused', JSON.stringify(address))
    t.equal(await failureReason(provider.send(outgoing({ replyTo: address }))), 'done', 'such a Reply-To is left out')
  }
  t.ok(server.received.length > 0)
  for (const { to, raw } of server.received.splice(0)) {
    t.same(to, ['maria@example.org'])
    t.notMatch(raw, /^(reply-to|bcc):/im)
  }
  for (const own of [
    { messageId: '<a@b>\r\nBcc: evil@x.example' },
    { headers: { 'X-A': 'a\r\nBcc: evil@x.example' } },
    { headers: { 'X: a\r\nBcc': 'evil@x.example' } },
  ]) {
    t.equal(await failureReason(provider.send(outgoing(own))), 'message-refused', JSON.stringify(own))
  }
  t.equal(server.received.length, 0)
  const names = [
    'A\r\nBcc: evil@x.example',
    'A" <evil@x.example>, "B',
    'A, evil@x.example',
    'Group: evil@x.example;',
    'A\u2028B',
    'x\ud800y',
    '=?utf-8?q?A=0d=0aBcc:_evil@x.example?=',
  ]
  for (const name of names) {
    await provider.send(outgoing({ from: { name, address: 'camara@site-a.example' }, subject: name }))
    const [received] = server.received.splice(0)
    const parsed = await PostalMime.parse(received?.raw ?? '')
    t.same(received?.to, ['maria@example.org'], encodeURIComponent(name.toWellFormed()))
    t.equal(parsed.from?.address, 'camara@site-a.example')
    t.strictSame([parsed.to?.length, parsed.cc ?? [], parsed.bcc ?? []], [1, [], []])
    t.notMatch(received?.raw.split('\r\n\r\n')[0], /^bcc:/im)
  }
})

t.test('the mail names what it attaches by itself: no file and no address is read', async (t) => {
  const { raw } = await sent(t, outgoing({ html: '<img src="file:///etc/passwd"><img src="http://127.0.0.1:1/x">', text: '/etc/passwd' }))
  t.notMatch(raw, /root:/)
})

t.test("DKIM signs for the sender's domain", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const { raw } = await sent(t, outgoing({ dkim: { domainName: 'site-a.example', keySelector: 's1', privateKey: pem } }))
  // Relaxed canonicalization (RFC 6376, 3.4.2).
  const head = raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const lines = new Map(head.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const signature = lines.get('dkim-signature') ?? ''
  const tags = Object.fromEntries(
    signature.split(';').map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).replace(/\s/g, '')]),
  )
  t.match(tags, { d: 'site-a.example', s: 's1', a: 'rsa-sha256', c: 'relaxed/relaxed' })
  const named = (tags.h ?? '').split(':')
  t.ok(
    ['from', 'to', 'subject', 'date', 'message-id'].every((name) => named.includes(name)),
    'it covers what readers are shown',
  )
  const signed = [...named.map((name) => `${name}:${lines.get(name)}\r\n`), `dkim-signature:${signature.replace(/(;\s*b=).*$/, '$1')}`].join('')
  t.ok(verifySignature('sha256', Buffer.from(signed), publicKey, Buffer.from(tags.b ?? '', 'base64')), 'and holds')
})

t.test('pooled connections are used again, and no more are opened than asked for', async (t) => {
  const server = await startSmtpServer(t, { auth: account })
  const provider = await open(t, server, { ...signedIn, connections: 3 })
  await Promise.all(Array.from({ length: 12 }, () => provider.send(outgoing())))
  t.equal(server.received.length, 12)
  t.ok(
    server.received.every(({ user }) => user === account.user),
    'each of them signed in',
  )
  t.ok(server.connections() <= 3, `${server.connections()} connections`)
  provider.close()
  t.equal(await failureReason(provider.send(outgoing())), 'unreachable', 'closed is closed')
})

/** What each fault at each stage comes to. */
const faults: readonly (readonly [Stage, Fault, MailFailure['reason']])[] = [
  ['connect', 421, 'rate-limited'],
  ['connect', 554, 'unreachable'],
  ['connect', 'drop', 'unreachable'],
  ['connect', 'hang', 'timeout'],
  ['connect', 'drip', 'timeout'],
  ['auth', 454, 'rate-limited'],
  ['auth', 535, 'sign-in-refused'],
  ['auth', 534, 'sign-in-refused'],
  ['auth', 'hang', 'timeout'],
  ['auth', 'drip', 'timeout'],
  ['auth', 'drop', 'unreachable'],
  ['from', 421, 'rate-limited'],
  ['from', 451, 'rate-limited'],
  ['from', 550, 'sender-refused'],
  ['from', 553, 'sender-refused'],
  ['from', 530, 'sign-in-refused'],
  ['from', 552, 'message-refused'],
  ['from', 'hang', 'timeout'],
  ['from', 'drip', 'timeout'],
  ['from', 'drop', 'interrupted'],
  ['to', 421, 'try-later'],
  ['to', 450, 'try-later'],
  ['to', 452, 'try-later'],
  ['to', 550, 'recipient-refused'],
  ['to', 'hang', 'timeout'],
  ['to', 'drip', 'timeout'],
  ['to', 'drop', 'interrupted'],
  ['data', 421, 'try-later'],
  ['data', 451, 'try-later'],
  ['data', 550, 'message-refused'],
  ['data', 554, 'message-refused'],
  ['data', 'hang', 'interrupted'],
  ['data', 'drip', 'interrupted'],
  ['data', 'drop', 'interrupted'],
]

function within(stage: Stage, fault: Fault) {
  if (fault !== 'hang' && fault !== 'drip') return timeouts
  return stage === 'data' ? shortAtLast : short
}

function noBanner(t: Test, error: unknown) {
  if (!(error instanceof MailFailure)) return t.fail('a MailFailure', { error })
  t.equal(error.message, failureReasons[error.reason].says)
  const { cause, ...rest } = error
  t.notMatch(JSON.stringify([error.message, rest, { ...error, cause: undefined }]), marker)
}

t.test('every fault at every stage is told apart, in time, and without the words of the server', async (t) => {
  for (const [stage, fault, reason] of faults) {
    const server = await startSmtpServer(t, { auth: account, faults: { [stage]: fault } })
    const provider = await open(t, server, { ...signedIn, within: within(stage, fault) })
    const began = Date.now()
    const error = await provider.send(outgoing()).catch((thrown) => thrown)
    t.equal(error?.reason, reason, `${stage} ${fault}`)
    noBanner(t, error)
    t.ok(Date.now() - began < 10_000, `${stage} ${fault}: after ${Date.now() - began} ms`)
    provider.close()
    await server.close()
  }
})

t.test('a server that has said no to one mail takes the next one on the same connection', async (t) => {
  const server = await startSmtpServer(t, { faults: { to: 550 } })
  const provider = await open(t, server)
  t.equal(await failureReason(provider.send(outgoing())), 'recipient-refused')
  delete server.faults.to
  await provider.send(outgoing())
  t.same([server.received.length, server.connections()], [1, 1])
})

t.test('a connection that was cut while it was idle costs nothing', async (t) => {
  const server = await startSmtpServer(t)
  const provider = await open(t, server)
  await provider.send(outgoing())
  server.cut()
  await provider.send(outgoing())
  t.same([server.received.length, server.connections()], [2, 2])
})

t.test('nobody listening, and a server that is none', async (t) => {
  const idle = await raw(t, () => {})
  await idle.close()
  t.equal(await failureReason((await open(t, idle)).send(outgoing())), 'unreachable')
  const http = await raw(t, (socket) => socket.end(`HTTP/1.1 400 ${marker}\r\n\r\n`))
  t.equal(await failureReason((await open(t, http)).send(outgoing())), 'unreachable')
  const endless = await raw(t, (socket) => socket.write(`220-${'x'.repeat(100_000)}`))
  t.equal(await failureReason((await open(t, endless)).verify()), 'unreachable', 'a greeting without an end')
})

t.test('verify signs in and sends nothing', async (t) => {
  const server = await startSmtpServer(t, { auth: account })
  await (await open(t, server, signedIn)).verify()
  t.equal(server.received.length, 0)
  t.equal(await failureReason((await open(t, server, { ...signedIn, secret: 'wrong' })).verify()), 'sign-in-refused')
  const open25 = await startSmtpServer(t)
  t.equal(
    await failureReason((await open(t, open25, signedIn)).verify()),
    'sign-in-refused',
    'a server that knows no sign-in has not taken the password',
  )
  t.equal(await failureReason((await open(t, open25)).verify()), 'done', 'control: without one it is asked for none')
  for (const [stage, fault, reason] of faults.filter(([stage]) => stage === 'connect' || stage === 'auth')) {
    const faulty = await startSmtpServer(t, { auth: account, faults: { [stage]: fault } })
    const began = Date.now()
    const error = await (await open(t, faulty, { ...signedIn, within: within(stage, fault) })).verify().catch((thrown) => thrown)
    t.equal(error?.reason, reason, `${stage} ${fault}`)
    noBanner(t, error)
    t.ok(Date.now() - began < 10_000, `${stage} ${fault}: after ${Date.now() - began} ms`)
    await faulty.close()
  }
})

t.test('TLS: the certificate has to be good for the name, from the first byte or by STARTTLS', async (t) => {
  const good = makeCertificate({ names: ['relay.example'] })
  const other = makeCertificate({ names: ['other.example', '127.0.0.1'] })
  const old = makeCertificate({ names: ['relay.example'], notAfter: new Date(Date.now() - 3_600_000) })
  for (const certificate of [good, other, old]) trust(certificate)
  const stranger = makeCertificate({ names: ['relay.example'] })
  for (const secure of ['tls', 'starttls'] as const) {
    const attempt = async (certificate: typeof good) => {
      const server = await startSmtpServer(t, { auth: account, secure, certificate })
      const provider = await open(t, server, { ...signedIn, security: secure })
      const reasons = [await failureReason(provider.verify()), await failureReason(provider.send(outgoing()))]
      provider.close()
      return [...reasons, server.received.length]
    }
    t.same(await attempt(good), ['done', 'done', 1], `${secure}: control`)
    for (const [what, certificate] of Object.entries({ other, old, stranger })) {
      t.same(await attempt(certificate), ['tls-failed', 'tls-failed', 0], `${secure}: ${what}`)
    }
  }
})

t.test('TLS is not given up for a server that has none', async (t) => {
  const plain = await startSmtpServer(t, { auth: account })
  for (const security of ['tls', 'starttls'] as const) {
    const provider = await open(t, plain, { ...signedIn, security })
    t.equal(await failureReason(provider.verify()), 'tls-failed', security)
    t.equal(await failureReason(provider.send(outgoing())), 'tls-failed', security)
  }
  t.equal(plain.received.length, 0)
  const old = await startSmtpServer(t, { secure: 'tls', maxVersion: 'TLSv1.1' })
  t.equal(await failureReason((await open(t, old, { security: 'tls' })).verify()), 'tls-failed', 'TLS 1.1')
})

t.test('without TLS only where the operator allows the host', async (t) => {
  const lookup = async () => [{ address: '2d00::1', family: 6 }]
  const opener = createProviderOpener({ privateHosts: ['relay.example:2526'], lookup, timeouts })
  const settings = { provider: 'smtp' as const, host: 'relay.example', port: 2525, security: 'none' as const, username: '', secret: '' }
  t.equal(await failureReason(opener.open(settings)), 'tls-failed')
  t.equal(await failureReason(opener.open({ ...settings, port: 2526 })), 'done', 'control')
})

t.test('what a name leads to is asked once, however often is connected, and a later answer counts for nothing', async (t) => {
  const server = await startSmtpServer(t)
  const answers = ['127.0.0.1', '127.0.0.9']
  let asked = 0
  const lookup = async () => [{ address: answers[Math.min(asked++, 1)] ?? '', family: 4 }]
  const opener = createProviderOpener({ privateHosts: ['relay.example'], lookup, timeouts })
  const settings = { provider: 'smtp' as const, host: 'relay.example', port: server.port, security: 'none' as const, username: '', secret: '' }
  const provider = await opener.open(settings)
  t.teardown(() => provider.close())
  await provider.verify()
  await provider.send(outgoing())
  server.cut()
  await provider.send(outgoing())
  t.same([server.received.length, asked], [2, 1])
})

t.test('a name that is public at first and loopback afterwards never leads to loopback', async (t) => {
  const server = await startSmtpServer(t, { port: 2525, secure: 'starttls' })
  // Of the global range, and given to nobody: no packet meets a stranger.
  const unassigned = [{ address: '2d00::1', family: 6 }]
  const loopback = [{ address: '127.0.0.1', family: 4 }]
  let asked = 0
  const opener = createProviderOpener({ privateHosts: [], lookup: async () => (asked++ === 0 ? unassigned : loopback), timeouts: short })
  const settings = { provider: 'smtp' as const, host: 'rebind.example', port: 2525, security: 'starttls' as const, username: '', secret: '' }
  const provider = await opener.open(settings)
  t.teardown(() => provider.close())
  t.match(await failureReason(provider.verify()), /^(unreachable|timeout)$/)
  t.match(await failureReason(provider.send(outgoing())), /^(unreachable|timeout)$/)
  t.same([asked, server.connections()], [1, 0])
  t.equal(await failureReason(opener.open(settings)), 'host-refused', 'the next time its new address is refused')
  const both = createProviderOpener({ privateHosts: [], lookup: async () => [...unassigned, ...loopback], timeouts })
  t.equal(await failureReason(both.open(settings)), 'host-refused', 'and both at once too')
  t.equal(server.connections(), 0)
  const control = createProviderOpener({ privateHosts: ['rebind.example'], lookup: async () => loopback, timeouts })
  const allowed = await control.open({ ...settings, security: 'none' })
  t.teardown(() => allowed.close())
  await allowed.verify()
  t.equal(server.connections(), 1, 'control: it can be reached')
})

t.test('the next address is tried where the first does not answer', async (t) => {
  const server = await startSmtpServer(t)
  const lookup = async () => ['::1', '127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const opener = createProviderOpener({ privateHosts: ['relay.example'], lookup, timeouts })
  const provider = await opener.open({ provider: 'smtp', host: 'relay.example', port: server.port, security: 'none', username: '', secret: '' })
  t.teardown(() => provider.close())
  await provider.send(outgoing())
  t.equal(server.received.length, 1)
})

/** A server of a few bytes, and no SMTP. */
async function raw(t: Test, greet: (socket: Socket) => void): Promise<Pick<TestSmtpServer, 'port' | 'close'>> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  t.teardown(close)
  return { port: typeof address === 'object' && address ? address.port : 0, close }
}
