import t, { type Test } from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp, type TestSite } from '../app.ts'
import type { CallOptions } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { formCalls } from './forms.ts'

let clock = 1_000_000_000
const formPosts = createRateLimiter({ limit: 5, windowMs: 60_000, now: () => clock })
const lines: Record<string, unknown>[] = []
const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
const { app, data, a, b } = await createTestApp(t, { overrides: { limits: { formPosts }, logger: { level: 'warn', stream } } })
const { send, entries, mails, forget } = formCalls({ app, data })
await data.owner.query(`update sites set contact_email = 'office@site-a.example' where tenant_id = $1`, [a.id])

const open = (site: TestSite, url = '/contact', headers: Record<string, string> = {}) => send(site, { url }, { headers })
const submit = (site: TestSite, fields: Record<string, string> | string, { headers = {}, ...options }: CallOptions = {}) => {
  const payload = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString()
  const all = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers }
  return send(site, { method: 'POST', url: '/contact', payload }, { ...options, headers: all })
}
const filled = (fields: Record<string, string> = {}) => ({
  'data.name': 'Ana & filhos',
  'data.email': 'ana@writers.example',
  'data.subject': 'Água',
  'data.body': 'Linha um\r\nLinha dois',
  website: '',
  ...fields,
})
/** What a browser would show in the fields, by name. */
const valuesIn = (html: string) =>
  Object.fromEntries([
    ...[...html.matchAll(/name="(data\.[^"]+)"[^>]* value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ...[...html.matchAll(/<textarea [^>]*name="(data\.[^"]+)"[^>]*>\n([^<]*)</g)].map(([, name, value]) => [name, value]),
  ])

/** A failure told by a page. Its code is in the log alone. */
function isPage(t: Test, { statusCode, headers, body }: Awaited<ReturnType<typeof send>>, status: number): void {
  t.equal(statusCode, status)
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.equal(headers['cache-control'], 'no-store')
  t.match(headers['content-security-policy'], /^default-src 'none';/)
  t.match(body, 'Não foi possível')
  t.match(body, `Referência: ${headers['x-request-id']}`)
  t.match(body, '<header><a href="/">Name of site-')
}

t.beforeEach(async () => {
  clock += 60_000
  lines.length = 0
  await forget()
})

t.test('the page asks for the fields of the form, in its order, in the visitor’s language: 200', async (t) => {
  const page = await open(a)
  t.equal(page.statusCode, 200)
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.match(page.body, '<html lang="pt">')
  t.match(page.body, 'Name of site-a')
  const labels = [...page.body.matchAll(/<label for="f\d">([^<]+)</g)].map(([, label]) => label)
  t.same(labels, ['Nome', 'Correio eletrónico', 'Assunto', 'Mensagem'])
  t.match(page.body, '<textarea id="f3" name="data.body" required maxlength="5000"')
  t.match(page.body, /<input type="text" inputmode="email"[^>]* name="data\.email" required maxlength="254"/)
  t.notMatch(page.body, /sample/)
  for (const [wish, title] of [
    ['fr-CA', 'Écrivez-nous'],
    ['en', 'Write to us'],
    ['de', 'Escreva-nos'],
  ] as const) {
    t.match((await open(a, '/contact', { 'accept-language': wish })).body, title)
  }
})

t.test('the policy of the page stops nothing that is on it, and lets in no script', async (t) => {
  for (const page of [await open(a), await submit(a, {}), await open(a, '/contact/sent')]) {
    t.match(
      page.headers['content-security-policy'],
      /^default-src 'none'; img-src 'self'; font-src 'self'; manifest-src 'self'; style-src 'self'; .*form-action 'self'/,
    )
    t.notMatch(page.body, /<script|style="|\son\w+=|javascript:/)
  }
})

t.test('a filled form leads to the thanks by 303, and is stored and sent like any other', async (t) => {
  const answer = await submit(a, filled(), { headers: { 'accept-language': 'en' } })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/contact/sent')
  const [stored] = await entries(a)
  const expected = { name: 'Ana & filhos', email: 'ana@writers.example', subject: 'Água', body: 'Linha um\nLinha dois' }
  t.match(stored, { status: 'draft', data: expected })
  t.same(
    (await mails(a)).map(({ kind, recipient, locale }) => [kind, recipient, locale]),
    [
      ['contact-notice', 'office@site-a.example', 'pt'],
      ['contact-acknowledgement', 'ana@writers.example', 'pt'],
    ],
  )
  t.match((await open(a, '/contact/sent')).body, 'Mensagem recebida')
})

t.test('a message of the full length passes, line breaks and accents included', async (t) => {
  const body = `${'é'.repeat(4_900)}${'\n'.repeat(99)}x`
  t.equal((await submit(a, filled({ 'data.body': body.replaceAll('\n', '\r\n') }))).statusCode, 303)
  t.equal((await entries(a)).length, 1)
  t.equal((await submit(a, filled({ 'data.body': '🌱'.repeat(5_000) }))).statusCode, 303, 'sixty thousand bytes of them too')
})

t.test('a fault answers 400 with the page, says what is wrong, and keeps all that was typed, as text', async (t) => {
  const evil = `"><script>alert(1)</script>`
  const escaped = '&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;'
  const answer = await submit(a, filled({ 'data.email': 'nobody', 'data.subject': evil, 'data.body': `\n${evil}` }))
  t.equal(answer.statusCode, 400)
  t.match(answer.body, 'Correio eletrónico: escreva um endereço de e-mail completo')
  t.match(answer.body, /name="data\.email"[^>]* aria-invalid="true"/)
  t.same(valuesIn(answer.body), {
    'data.name': 'Ana &#38; filhos',
    'data.email': 'nobody',
    'data.subject': escaped,
    'data.body': `\n${escaped}`,
  })
  t.notMatch(answer.body, /<script/)
  t.same(await entries(a), [])
})

t.test('every kind of wrong form answers 400 and stores nothing', async (t) => {
  const bodies: Record<string, Record<string, string> | string> = {
    'an empty form': '',
    'blanks alone': filled({ 'data.name': '  ' }),
    'a field left out': filled({ 'data.body': '' }),
    'a text that is too long': filled({ 'data.subject': 'x'.repeat(201) }),
    'a name twice': `${new URLSearchParams(filled())}&data.name=other`,
    'two addresses': filled({ 'data.email': 'ana@writers.example,evil@x.example' }),
    'a line break in the address': filled({ 'data.email': 'ana@writers.example\r\nBcc: evil@x.example' }),
    NUL: filled({ 'data.body': 'a\u0000b' }),
  }
  for (const [title, body] of Object.entries(bodies)) {
    clock += 60_000
    t.equal((await submit(a, body)).statusCode, 400, title)
  }
  t.same([await entries(a), await mails(a)], [[], []])
})

t.test('fields of the staff, of nobody and of prototypes are not taken over', async (t) => {
  const body = `${new URLSearchParams(filled({ 'data.sample': 'on', 'data.status': 'published', status: 'published' }))}&__proto__=x&data.__proto__=x`
  t.equal((await submit(a, body)).statusCode, 303)
  t.same(Object.keys(Object((await entries(a))[0]?.data)).sort(), ['body', 'email', 'name', 'subject'])
})

t.test('a filled honeypot is thanked by 303 like anybody, and nothing is stored', async (t) => {
  const page = await open(a)
  t.match(page.body, /<div class="trap" aria-hidden="true">.*name="website" tabindex="-1"/)
  const style = await app.inject(/href="(\/assets\/[^"]+)"/.exec(page.body)?.[1] ?? '')
  t.match(style.body, /\.trap\{[^}]*position:absolute;inset-inline-start:-100vw/, 'hidden by the style')
  const answer = await submit(a, filled({ website: 'https://spam.example' }))
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/contact/sent')
  t.same([await entries(a), await mails(a)], [[], []])
})

t.test('the sixth message of a minute answers 429 with Retry-After and keeps what was typed', async (t) => {
  const from = '203.0.113.7'
  for (let n = 0; n < 5; n++) t.equal((await submit(a, filled(), { from })).statusCode, 303)
  const sixth = await submit(a, filled({ 'data.body': 'the sixth' }), { from })
  t.equal(sixth.statusCode, 429)
  t.equal(sixth.headers['retry-after'], '60')
  t.match(sixth.body, 'Foram demasiadas mensagens')
  t.equal(valuesIn(sixth.body)['data.body'], 'the sixth')
  t.equal((await entries(a)).length, 5)
})

t.test('a foreign page’s form answers 403 on a page', async (t) => {
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  isPage(t, await submit(a, filled(), { headers }), 403)
  t.same(await entries(a), [])
})

t.test('the form is the only body that is read here: JSON answers 415, 257 KB answer 413', async (t) => {
  isPage(t, await submit(a, '{}', { headers: { 'content-type': 'application/json' } }), 415)
  isPage(t, await submit(a, `data.name=${'x'.repeat(257 * 1024)}`), 413)
})

t.test('each kind of field has its own input, and its answer its own type', async (t) => {
  const schema = {
    type: 'object',
    properties: {
      guests: { type: 'integer', title: 'Guests', maximum: 10 },
      price: { type: 'number', title: 'Price' },
      day: { type: 'string', format: 'date', title: 'Day' },
      page: { type: 'string', format: 'uri', title: 'Page' },
      room: { type: 'string', enum: ['Small <1>', 'Big'], title: 'Room' },
      news: { type: 'boolean', title: 'News' },
      plain: { type: 'string', maxLength: 50 },
      tags: { type: 'array', title: 'Tags' },
    },
    required: ['guests', 'room', 'news'],
    additionalProperties: false,
  }
  await data.owner.query(`update collections set schema = $2 where tenant_id = $1 and slug = 'messages'`, [b.id, schema])
  const { body } = await open(b)
  t.same([...body.matchAll(/<label for="f\d">([^<]+)</g)].map(([, label]) => label).slice(0, 3), ['Guests', 'Room', 'News'], 'required first')
  for (const input of ['inputmode="decimal"', 'type="date"', 'type="url"', 'type="checkbox"', '<option value="Small &#60;1&#62;">'])
    t.match(body, input)
  t.match(body, 'Price (opcional)')
  t.match(body, '>plain (opcional)<', 'a field without a title is called by its name')
  t.notMatch(body, 'Tags', 'a list is not asked for')
  const typed = { 'data.guests': '3', 'data.price': '2,50', 'data.day': '2026-12-24', 'data.room': 'Small <1>', 'data.news': 'on', 'data.page': '' }
  t.equal((await submit(b, typed)).statusCode, 303)
  t.same((await entries(b))[0]?.data, { guests: 3, price: 2.5, day: '2026-12-24', room: 'Small <1>', news: true })
  for (const wrong of [
    { 'data.guests': '3.5' },
    { 'data.guests': 'many' },
    { 'data.guests': '11' },
    { 'data.room': 'None' },
    { 'data.day': 'soon' },
  ]) {
    clock += 60_000
    const answer = await submit(b, { ...typed, ...wrong })
    t.equal(answer.statusCode, 400, JSON.stringify(wrong))
  }
  t.match((await submit(b, { ...typed, 'data.guests': '11' })).body, '<option value="Small &#60;1&#62;" selected>', 'a choice is kept')
  t.equal((await entries(b)).length, 1)
})

t.test('the home page leads here, unless the site has no contact form: then it answers 404 on a page', async (t) => {
  t.match((await open(a, '/')).body, 'href="/contact"')
  await data.owner.query(`update collections set form = false where tenant_id = $1 and slug = 'messages'`, [b.id])
  await eventually(t, 'no page leads to it', async () => !(await open(b, '/')).body.includes('/contact'))
  for (const url of ['/contact', '/contact/sent']) isPage(t, await open(b, url), 404)
  isPage(t, await submit(b, filled()), 404)
})

t.test('while the database refuses, what was typed is kept, and the cause is logged once: 503', async (t) => {
  await data.owner.query(`
    create function busy() returns trigger language plpgsql as $$ begin raise exception 'busy' using errcode = '55P03'; end $$;
    create trigger busy before insert on entries for each row execute function busy()`)
  const answer = await submit(a, filled({ 'data.subject': 'kept words' }))
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '2')
  t.equal(valuesIn(answer.body)['data.subject'], 'kept words')
  t.match(answer.body, 'Neste momento não foi possível')
  t.match(lines, [{ code: 'OVERLOADED', reqId: answer.headers['x-request-id'], err: { message: /busy/ } }])
  t.equal(lines.length, 1)
  t.notMatch(JSON.stringify(lines), 'kept words')
  await data.owner.query('drop trigger busy on entries')
  t.equal((await submit(a, filled())).statusCode, 303)
})

t.test('a fault of ours is told by a page without its cause, which is logged once: 500', async (t) => {
  await data.owner.query(`
    create function broken() returns trigger language plpgsql as $$ begin raise exception 'secret detail'; end $$;
    create trigger broken before insert on entries for each row execute function broken()`)
  const answer = await submit(a, filled())
  await data.owner.query('drop trigger broken on entries')
  isPage(t, answer, 500)
  t.notMatch(answer.body, 'secret detail')
  t.match(lines, [{ code: 'INTERNAL', reqId: answer.headers['x-request-id'] }])
  t.equal(lines.length, 1)
})
