import t from 'tap'
import { createRateLimiter } from '../../src/security/rate-limiter.ts'
import { createTestApp } from '../app.ts'
import { freshNetwork, outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { formCalls, message } from './forms.ts'

let clock = 1_000_000_000
const now = () => clock
const minute = 60_000
const overrides = {
  limits: {
    formPosts: createRateLimiter({ limit: 5, windowMs: minute, now }),
    mailsSoon: createRateLimiter({ limit: 1, windowMs: minute, now }),
    mailsHourly: createRateLimiter({ limit: 5, windowMs: 60 * minute, now }),
  },
}
const { app, data, a, b, call } = await createTestApp(t, { overrides })
const { post, postText, entries, mails, forget } = formCalls({ app, data })
await data.owner.query(`update sites set contact_email = 'office@site-a.example' where tenant_id = $1`, [a.id])

t.beforeEach(async () => {
  clock += 24 * 60 * minute
  await forget()
})

t.test('a message answers 202, is stored as a draft, and goes to the site and, acknowledged, to its writer', async (t) => {
  const written = { name: 'Ana', email: 'Ana@Writers.example', subject: 'Água', body: 'Linha um\nCorreio eletrónico: other@x.example' }
  const answer = await post(a, written, { headers: { 'accept-language': 'fr-FR, pt;q=0.5' } })
  t.equal(answer.statusCode, 202)
  const { id } = answer.json()
  t.same(answer.json(), { received: true, id })
  t.same(await entries(a), [{ id, slug: `m-${id}`, status: 'draft', published_at: null, data: written }])
  const lines = ['Nome: Ana', 'Correio eletrónico: Ana@Writers.example', 'Assunto: Água', 'Mensagem:']
  t.same(await mails(a), [
    {
      kind: 'contact-notice',
      recipient: 'office@site-a.example',
      locale: 'pt',
      variables: {
        form: 'Messages',
        sender: 'ana@writers.example',
        message: [...lines, '> Linha um', '> Correio eletrónico: other@x.example'].join('\n'),
      },
      intent: `contact-notice:${id}`,
    },
    {
      kind: 'contact-acknowledgement',
      recipient: 'ana@writers.example',
      locale: 'pt',
      variables: { form: 'Messages' },
      intent: `contact-acknowledgement:${id}`,
    },
  ])
})

t.test('what came in is shown to nobody without a session: 404, and it is in no list', async (t) => {
  const answer = await post(a, message({ subject: 'private words' }))
  t.equal((await entries(a)).length, 1, 'it is there')
  for (const url of ['/v1/collections/messages/entries', `/v1/collections/messages/entries/m-${answer.json().id}`]) {
    t.equal(outcome(await call(a, { url })), '404 COLLECTION_UNKNOWN', url)
  }
  await data.owner.query(`update collections set audience = 'public' where tenant_id = $1 and slug = 'messages'`, [a.id])
  await eventually(t, 'a public form is read like any collection', async () => {
    return (await call(a, { url: '/v1/collections/messages/entries' })).statusCode === 200
  })
  t.same((await call(a, { url: '/v1/collections/messages/entries' })).json().items, [], 'but drafts are not in it')
  t.equal(outcome(await call(a, { url: `/v1/collections/messages/entries/m-${answer.json().id}` })), '404 ENTRY_UNKNOWN')
  await data.owner.query(`update collections set audience = 'staff' where tenant_id = $1 and slug = 'messages'`, [a.id])
  await eventually(t, 'and the first state is back', async () => (await call(a, { url: '/v1/collections/messages/entries' })).statusCode === 404)
})

t.test('a site that has no address for messages stores them, and acknowledges: 202', async (t) => {
  for (const address of [null, 'not an address', 'two@x.example, more@x.example']) {
    await forget()
    await data.owner.query('update sites set contact_email = $2 where tenant_id = $1', [b.id, address])
    t.equal((await post(b, message())).statusCode, 202, String(address))
    t.equal((await entries(b)).length, 1)
    t.same(
      (await mails(b)).map(({ kind }) => kind),
      ['contact-acknowledgement'],
    )
  }
})

t.test('a filled honeypot answers 202 in the same shape, and nothing is stored', async (t) => {
  const plain = await post(a, message())
  const trapped = await postText(a, JSON.stringify({ data: message(), website: 'https://spam.example' }))
  t.equal(trapped.statusCode, 202)
  t.same(Object.keys(trapped.json()), Object.keys(plain.json()))
  t.match(trapped.json().id, /^[0-9a-f-]{36}$/)
  t.equal((await postText(a, JSON.stringify({ data: message(), website: '' }))).statusCode, 202)
  t.equal((await entries(a)).length, 2, 'the two without it are there')
  t.equal((await mails(a)).length, 4)
})

t.test('a form nobody has answers 404 FORM_UNKNOWN: unknown, another site’s, or a collection that is none', async (t) => {
  await data.owner.query(
    `insert into collections (tenant_id, id, slug, name, schema, audience, form) values
     ($1, gen_random_uuid(), 'booking', 'Booking', '{"type":"object"}', 'staff', true),
     ($1, gen_random_uuid(), 'notes', 'Notes', '{"type":"object"}', 'staff', false)`,
    [a.id],
  )
  const send = (site: { host: string }, form: string) => postText(site, JSON.stringify({ data: {} }), `/v1/forms/${form}`)
  t.equal((await send(a, 'booking')).statusCode, 202, 'control: it is a form of this site')
  t.equal(outcome(await send(b, 'booking')), '404 FORM_UNKNOWN')
  for (const form of ['nothing', 'notes', 'posts']) t.equal(outcome(await send(a, form)), '404 FORM_UNKNOWN', form)
  t.equal(outcome(await send(a, 'Messages')), '400 REQUEST_INVALID')
})

t.test('a suspended site takes no messages: 403 TENANT_SUSPENDED', async (t) => {
  const set = (status: string) => data.owner.query('update tenants set status = $2 where id = $1', [b.id, status])
  await set('suspended')
  await eventually(t, 'it is refused', async () => outcome(await post(b, message())) === '403 TENANT_SUSPENDED')
  const before = (await entries(b)).length
  t.equal(outcome(await post(b, message())), '403 TENANT_SUSPENDED')
  t.equal((await entries(b)).length, before)
  await set('active')
  await eventually(t, 'and taken again', async () => (await post(b, message())).statusCode === 202)
})

t.test('the sixth message of a minute from one /64 answers 429 RATE_LIMITED with Retry-After', async (t) => {
  for (let n = 1; n <= 5; n++) t.equal((await post(a, message(), { from: `2001:db8:1:2::${n}` })).statusCode, 202)
  clock += 20_000
  const sixth = await post(a, message(), { from: '2001:db8:1:2:ffff::1' })
  t.equal(outcome(sixth), '429 RATE_LIMITED')
  t.equal(sixth.headers['retry-after'], '40')
  t.equal((await entries(a)).length, 5)
  t.equal((await post(b, message(), { from: '2001:db8:1:2::1' })).statusCode, 202, 'another site counts for itself')
  clock += 40_000
  t.equal((await post(a, message(), { from: '2001:db8:1:2::1' })).statusCode, 202, 'after the wait')
})

t.test('an address gets one acknowledgement a minute and five an hour, from any network; every message is stored and announced', async (t) => {
  const email = 'stranger@writers.example'
  const count = async () => {
    const kinds = (await mails(a)).map(({ kind }) => kind)
    return [(await entries(a)).length, ...['contact-notice', 'contact-acknowledgement'].map((kind) => kinds.filter((one) => one === kind).length)]
  }
  for (let n = 0; n < 3; n++) t.equal((await post(a, message({ email: n === 1 ? email.toUpperCase() : email }))).statusCode, 202)
  t.same(await count(), [3, 3, 1])
  for (let n = 0; n < 6; n++) {
    clock += minute
    await post(a, message({ email }))
  }
  t.same(await count(), [9, 9, 5])
  await post(a, message({ email: 'somebody-else@writers.example' }))
  t.same(await count(), [10, 10, 6])
})

t.test('a foreign page is refused with 403 ORIGIN_REFUSED; the site’s own and its listed front ends pass', async (t) => {
  const from = (origin: string) => post(a, message(), { headers: { origin, 'sec-fetch-site': 'cross-site' } })
  t.equal(outcome(await from('https://evil.example')), '403 ORIGIN_REFUSED')
  t.equal(outcome(await from('https://app.site-b.example')), '403 ORIGIN_REFUSED')
  t.equal((await entries(a)).length, 0)
  const listed = await from('https://app.site-a.example')
  t.equal(listed.statusCode, 202)
  t.equal(listed.headers['access-control-allow-origin'], 'https://app.site-a.example')
})

t.test('when a mail cannot be queued, no entry is left and no other mail: 500', async (t) => {
  await data.owner.query(`
    create function refuse_mail() returns trigger language plpgsql as $$ begin raise exception 'no mail today'; end $$;
    create trigger refuse_mail before insert on mail_messages for each row when (new.kind = 'contact-acknowledgement') execute function refuse_mail()`)
  t.equal(outcome(await post(a, message())), '500 INTERNAL')
  t.equal((await entries(a)).length, 0)
  t.equal((await mails(a)).length, 0, 'the notice, written before it, is gone as well')
  await data.owner.query('drop trigger refuse_mail on mail_messages')
  t.equal((await post(a, message())).statusCode, 202)
  t.equal((await entries(a)).length, 1)
  t.equal((await mails(a)).length, 2)
})

t.test('a hundred messages at once are each stored once with both mails, or told to come back: 202 or 503', async (t) => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(a, message(), { from: freshNetwork() })))
  const taken = answers.filter(({ statusCode }) => statusCode === 202)
  for (const answer of answers) t.ok(answer.statusCode === 202 || outcome(answer) === '503 OVERLOADED', outcome(answer))
  t.ok(taken.length > 0, 'some got through')
  t.same((await entries(a)).map(({ id }) => id).sort(), taken.map((answer) => answer.json().id).sort())
  t.equal((await mails(a)).length, 2 * taken.length)
  const open = `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`
  await eventually(t, 'no transaction is left open', async () => (await data.owner.query(open)).rowCount === 0)
})

t.test('an address of any language is written to, 202, and what is none is named: 400 /data/email', async (t) => {
  t.equal((await post(a, message({ email: 'José@câmara.st' }))).statusCode, 202)
  t.same(
    (await mails(a)).map(({ kind, recipient }) => [kind, recipient]),
    [
      ['contact-notice', 'office@site-a.example'],
      ['contact-acknowledgement', 'josé@xn--cmara-3qa.st'],
    ],
  )
  await forget()
  for (const email of [
    'josé@câmara.st\r\nBcc: x@y.example',
    'josé@câmara.st\n',
    'josé@câmara.st,x@y.example',
    'José <josé@câmara.st>',
    'josé@',
    'josé@câmara',
  ]) {
    clock += minute
    const answer = await post(a, message({ email }))
    t.equal(answer.statusCode, 400, email)
    t.match(answer.json().issues, [{ path: '/data/email' }], email)
  }
  t.same([await entries(a), await mails(a)], [[], []])
})
