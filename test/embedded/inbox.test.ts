import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Inbox } from '../../src/embedded/inbox/inbox.ts'
import { openStore } from '../../src/embedded/inbox/store.ts'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { listen } from '../raw-request.ts'
import { dataFolder, onePixel, openInbox, sendMail } from './inbox-mail.ts'

const host = 'inbox.localhost:3000'

/** An inbox, and a service that shows it. */
async function setUp(t: Test) {
  const dataDir = await dataFolder(t)
  const inbox = await openInbox(t, dataDir)
  const { app, call, a } = await createTestApp(t, { overrides: { outside: inbox.routes } })
  const get = (url: string, more: { remoteAddress?: string; headers?: Record<string, string> } = {}) => call({ host }, { url, ...more })
  const newest = async () => {
    const answer = await get('/messages')
    t.equal(answer.statusCode, 200, answer.body.slice(0, 200))
    return answer.json().items[0]
  }
  return { dataDir, inbox, app, get, newest, fromSite: (url: string) => call(a, { url }) }
}

/** A mail as a site would send it, and all that an unkind one could try. */
async function sendNasty(inbox: Inbox) {
  return sendMail(inbox, {
    from: { name: '<script>alert(1)</script>', address: 'x@sender.example' },
    subject: '<img src=x onerror=alert(2)>"\'&',
    text: 'See https://site.example/reset?token=abc&x=1. <script>alert(3)</script>',
    html: '<!doctype html><html><head><title>x</title></head><body><img src="cid:logo"><img src="cid:none"><a href="https://site.example/">go</a><script>alert(4)</script></body></html>',
    headers: { 'X-Tenantry-Site': 'forged', 'X-Odd': '<script>alert(5)</script>' },
    attachments: [{ filename: 'logo.png', content: onePixel, cid: 'logo', contentType: 'image/png' }],
  })
}

/** The code with which the server refuses. */
const refusal = (sending: Promise<string>) => sending.catch(({ responseCode }) => responseCode)

t.test('what a site sends by SMTP is listed newest first under its own name, and is there whole', async (t) => {
  const { inbox, get } = await setUp(t)
  await sendMail(inbox, { from: { name: 'Câmara', address: 'no@a.example' }, subject: 'Confirme o endereço: água', html: '<p>código</p>' })
  await sendMail(inbox, { site: 'site-b', to: 'rui@mail.example', subject: 'second' })
  const { items } = (await get('/messages')).json()
  t.match(items, [
    { site: 'site-b', to: 'rui@mail.example', subject: 'second' },
    { site: 'site-a', from: { name: 'Câmara', address: 'no@a.example' }, to: 'ana@mail.example', subject: 'Confirme o endereço: água' },
  ])
  t.ok(Math.abs(Date.parse(items[1].receivedAt) - Date.now()) < 60_000)
  const mail = (await get(`/messages/${items[1].id}`)).json()
  t.match(mail, { site: 'site-a', text: /^Bom dia/, html: /<p>código<\/p>/, headers: { 'return-path': '<no@a.example>', 'mime-version': '1.0' } })
  t.same(
    (await get('/messages?site=site-b')).json().items.map(({ site }: { site: string }) => site),
    ['site-b'],
  )
  t.match((await get(`/mail/${items[1].id}/raw`)).body, /^Return-Path: <no@a\.example>\r\nX-Tenantry-Site: site-a\r\n/)
})

t.test('without a password, with a wrong one, or with another site’s, nothing is taken', async (t) => {
  const { inbox, get } = await setUp(t)
  t.equal(await refusal(sendMail(inbox, { password: '' })), 530)
  t.equal(await refusal(sendMail(inbox, { password: 'wrong' })), 535)
  t.equal(await refusal(sendMail(inbox, { site: 'site-b', password: inbox.passwordOf('site-a') })), 535)
  t.same((await get('/messages')).json().items, [])
  t.match(await sendMail(inbox, {}), /^250 .*Kept as/, 'control')
  t.equal((await get('/messages')).json().items.length, 1)
})

t.test('a mail of more than 10 MB answers 552 and is not kept', async (t) => {
  const { inbox, get } = await setUp(t)
  t.equal(await refusal(sendMail(inbox, { attachments: [{ filename: 'a', content: Buffer.alloc(9 * 1024 * 1024) }] })), 552)
  t.same((await get('/messages')).json().items, [])
})

t.test('a mail cannot say that another site sent it', async (t) => {
  const { inbox, newest } = await setUp(t)
  await sendNasty(inbox)
  t.equal((await newest()).site, 'site-a')
})

t.test('a second start has the same port, the same passwords and every mail', async (t) => {
  const dataDir = await dataFolder(t)
  const first = await openInbox(t, dataDir)
  await sendMail(first, { subject: 'kept' })
  await first.stop()
  const second = await openInbox(t, dataDir)
  t.equal(second.port, first.port)
  t.equal(second.passwordOf('site-a'), first.passwordOf('site-a'))
  t.not(second.passwordOf('site-a'), second.passwordOf('site-b'))
  await sendMail(second, { subject: 'and the next', password: first.passwordOf('site-a') })
  const { call } = await createTestApp(t, { overrides: { outside: second.routes } })
  t.match((await call({ host }, { url: '/messages' })).json().items, [{ subject: 'and the next' }, { subject: 'kept' }])
  for (const name of ['inbox.json', 'inbox']) t.equal((await stat(join(dataDir, name))).mode & 0o077, 0, `${name} is its owner's alone`)
})

t.test('a port that somebody else has taken meanwhile is exchanged for a free one', async (t) => {
  const dataDir = await dataFolder(t)
  const { port, stop } = await openInbox(t, dataDir)
  await stop()
  const other = createServer().listen(port, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const moved = await openInbox(t, dataDir)
  t.not(moved.port, port)
  t.match(await sendMail(moved, {}), /^250/)
  await moved.stop()
  t.equal((await openInbox(t, dataDir)).port, moved.port, 'which it keeps from then on')
})

t.test('only the newest are kept, in the order they came', async (t) => {
  const folder = join(await dataFolder(t), 'inbox')
  const store = await openStore(folder, 3)
  const add = (subject: string) =>
    store.add({ site: 's', from: 'a@b.example', to: ['c@d.example'], content: Buffer.from(`Subject: ${subject}\r\n\r\nx`) })
  for (const subject of ['1', '2', '3', '4', '5']) await add(subject)
  t.same(
    (await store.list()).map(({ subject }) => subject),
    ['5', '4', '3'],
  )
  t.equal((await readdir(folder)).length, 3)
  t.equal(await store.read('../inbox'), undefined, 'an id is no path')
})

t.test('the page escapes what a mail says, and its policy lets no script of a mail run', async (t) => {
  const { inbox, get, newest } = await setUp(t)
  await sendNasty(inbox)
  const { id } = await newest()
  for (const url of ['/', `/mail/${id}`, `/mail/${id}?view=text`, `/mail/${id}?view=headers`, '/?site=%22%3E%3Cscript%3E']) {
    const { body, headers, statusCode } = await get(url)
    t.equal(statusCode, 200, url)
    t.equal(body.split('<script').length - 1, 1, `${url} has its own script alone`)
    t.notMatch(body, '<img', url)
    t.match(headers['content-security-policy'], /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/)
  }
  t.match((await get(`/mail/${id}`)).body, `<iframe src="/mail/${id}/body"`)
  t.match(
    (await get(`/mail/${id}?view=text`)).body,
    '<a href="https://site.example/reset?token=abc&#38;x=1" target="_blank" rel="noopener noreferrer">',
  )
})

t.test('a mail’s html is served in a sandbox, with its own pictures inside it and links that open beside the page', async (t) => {
  const { inbox, get, newest } = await setUp(t)
  await sendNasty(inbox)
  const { body, headers } = await get(`/mail/${(await newest()).id}/body`)
  t.match(body, `<!doctype html><html><head><base target="_blank"><title>`)
  t.match(body, `<img src="data:image/png;base64,${onePixel.toString('base64')}">`)
  t.match(body, '<img src="cid:none">', 'what it did not bring along stays away')
  const policy = String(headers['content-security-policy'])
  t.match(policy, /default-src 'none'; img-src data:; .*sandbox allow-popups allow-popups-to-escape-sandbox$/)
  t.notMatch(policy, /script-src|allow-scripts|allow-same-origin/)
})

/** Of nginx, Apache, HAProxy, Traefik, Envoy, Cloudflare, Fastly, Fly, Akamai, and whatever follows their custom. */
const marks = [
  ...['Forwarded', 'Via', 'CDN-Loop', 'X-Real-IP', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Anything'],
  ...['X-Original-Forwarded-For', 'X-Envoy-External-Address', 'CF-Connecting-IP', 'CF-Ray', 'Fastly-Client-IP', 'Fly-Client-IP'],
  ...['True-Client-IP', 'X-Client-IP', 'X-Cluster-Client-IP'],
]

t.test('whoever is not at this machine, or comes by way of a proxy, gets 403', async (t) => {
  const { inbox, get, newest } = await setUp(t)
  await sendMail(inbox, {})
  const { id } = await newest()
  for (const url of ['/', `/mail/${id}`, `/mail/${id}/body`, `/mail/${id}/raw`, '/messages', `/messages/${id}`, '/inbox.js']) {
    t.equal((await get(url, { remoteAddress: '::1' })).statusCode, 200, 'control')
    t.equal((await get(url, { remoteAddress: '::ffff:127.0.0.1' })).statusCode, 200, 'control')
    for (const remoteAddress of ['192.168.1.20', '::ffff:192.168.1.20', 'fe80::1', '1271.0.0.1']) {
      const { statusCode, json } = await get(url, { remoteAddress })
      t.same([statusCode, json().code], [403, 'INBOX_ELSEWHERE'], `${url} from ${remoteAddress}`)
    }
    for (const name of marks) t.equal((await get(url, { headers: { [name]: '127.0.0.1' } })).statusCode, 403, `${url} with ${name}`)
  }
  t.equal((await get('/events', { remoteAddress: '192.168.1.20' })).statusCode, 403)
})

t.test('sites have none of its addresses, and it has none of theirs', async (t) => {
  const { inbox, get, newest, fromSite } = await setUp(t)
  await sendMail(inbox, {})
  const { id } = await newest()
  for (const url of ['/messages', `/messages/${id}`, `/mail/${id}`, '/inbox.js', '/events']) t.equal((await fromSite(url)).statusCode, 404, url)
  t.match((await fromSite('/')).body, 'Name of site-a')
  t.equal((await get('/v1/site')).json().code, 'TENANT_UNKNOWN')
  const { paths } = (await fromSite('/openapi.json')).json()
  t.ok(paths['/v1/site'], 'control')
  for (const path of ['/messages', '/messages/{id}', '/mail/{id}', '/events']) t.notOk(paths[path], path)
})

t.test('another name that leads to this machine shows no mail', async (t) => {
  const { app, inbox, newest } = await setUp(t)
  await sendMail(inbox, {})
  const { id } = await newest()
  const elsewhere = ['evil.example', 'localhost:3000', '127.0.0.1', 'inbox.localhost.evil.example', 'inbox.localhost:3000@evil.example']
  for (const name of elsewhere) {
    for (const url of ['/messages', `/messages/${id}`, `/mail/${id}`, '/inbox.js', '/events']) {
      t.equal((await app.inject({ url, headers: { host: name } })).statusCode, 404, `${name} ${url}`)
    }
  }
})

t.test('HEAD of the events answers 404 and opens no stream', { timeout: 10_000 }, async (t) => {
  const { app } = await setUp(t)
  const ask = (path: string) => once(request({ port: port, method: 'HEAD', path, headers: { host } }).end(), 'response')
  const port = await listen(app)
  const [page]: IncomingMessage[] = await ask('/')
  t.equal(page?.statusCode, 200, 'control')
  const [events]: IncomingMessage[] = await ask('/events')
  t.equal(events?.statusCode, 404)
})

t.test('a mail that is not there answers 404, and so does an id that is none', async (t) => {
  const { get } = await setUp(t)
  for (const id of ['0199c3a0-0000-7000-8000-000000000000', 'x', '..%2Finbox.json']) {
    for (const url of [`/messages/${id}`, `/mail/${id}`, `/mail/${id}/body`, `/mail/${id}/raw`]) t.equal((await get(url)).statusCode, 404, url)
  }
})

t.test('listeners are told of a new mail at once, and do not hold the service back when it stops', async (t) => {
  const { app, inbox, newest } = await setUp(t)
  const [answer]: IncomingMessage[] = await once(request({ port: await listen(app), path: '/events', headers: { host } }).end(), 'response')
  if (!answer) return t.fail('there is an answer')
  t.match(answer.headers['content-type'], /^text\/event-stream/)
  let heard = ''
  answer.setEncoding('utf8').on('data', (chunk) => {
    heard += chunk
  })
  await eventually(t, 'the stream begins', () => heard !== '')
  await sendMail(inbox, {})
  const { id } = await newest()
  await eventually(t, 'the mail is told of', () => heard.endsWith(`event: mail\ndata: {"id":"${id}"}\n\n`))
  const before = performance.now()
  await Promise.all([app.close(), once(answer, 'end')])
  t.ok(performance.now() - before < 15_000)
})
