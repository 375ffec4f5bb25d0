import t from 'tap'
import { createTestApp } from '../app.ts'
import { outcome } from '../auth/auth-calls.ts'
import { formCalls, message } from './forms.ts'

const { app, data, a } = await createTestApp(t)
const { post, postText, entries, mails, forget } = formCalls({ app, data })
await data.owner.query(`update sites set contact_email = 'office@site-a.example' where tenant_id = $1`, [a.id])

t.afterEach(async () => {
  t.same([await entries(a), await mails(a)], [[], []], 'nothing is stored or sent')
  t.equal((await post(a, message())).statusCode, 202, 'and the right body still passes')
  t.equal((await entries(a)).length, 1)
  await forget()
})

t.test('answers that do not fit the form answer 400 REQUEST_INVALID, and say where in plain words', async (t) => {
  const long = { name: 'x'.repeat(201), body: 'x'.repeat(5_001) }
  const wrong: [answers: Record<string, unknown>, path: string, says: string][] = [
    [message({ name: 7 }), '/data/name', 'is of the wrong kind'],
    [message({ name: ['Ana'] }), '/data/name', 'is of the wrong kind'],
    [message({ name: null }), '/data/name', 'is of the wrong kind'],
    [message({ name: { not: '' } }), '/data/name', 'is of the wrong kind'],
    [message({ name: '' }), '/data/name', 'must not be empty'],
    [message({ name: long.name }), '/data/name', 'must have at most 200 characters'],
    [message({ name: 'Ana\r\nBcc: x@evil.example' }), '/data/name', 'does not have the form that is expected here'],
    [message({ body: long.body }), '/data/body', 'must have at most 5000 characters'],
    [message({ body: undefined }), '/data/body', 'is required'],
    [{}, '/data/name', 'is required'],
    [message({ surprise: 'secret words' }), '/data/surprise', 'is no field of this form'],
    [message({ 'a/b~c': 1 }), '/data/a~1b~0c', 'is no field of this form'],
    [message({ ['k'.repeat(30_000)]: 1 }), `/data/${'k'.repeat(100)}`, 'is no field of this form'],
    [message({ sample: true }), '/data/sample', 'is no field of this form'],
    [message({ sample: false }), '/data/sample', 'is no field of this form'],
    [message({ toString: 'x' }), '/data/toString', 'is no field of this form'],
  ]
  for (const [answers, path, says] of wrong) {
    const answer = await post(a, answers)
    t.equal(outcome(answer), '400 REQUEST_INVALID', path)
    t.same(answer.json().issues, [{ path, message: says }])
    t.notMatch(answer.body, /secret words|evil/, 'what was written is not said back')
  }
})

t.test('anything that is no single plain address answers 400 at /data/email: no mail to two', async (t) => {
  const addresses = [
    'ana@writers.example\r\nBcc: evil@x.example',
    'ana@writers.example\nevil@x.example',
    'ana@writers.example,evil@x.example',
    'ana@writers.example, evil@x.example',
    'ana@writers.example;evil@x.example',
    'Ana <ana@writers.example>',
    '<ana@writers.example>',
    '"a b"@writers.example',
    'ana@writers.example (comment)',
    'ana@evil.example@writers.example',
    'ana',
    '@writers.example',
    'ana@',
    '',
    `${'a'.repeat(250)}@writers.example`,
  ]
  for (const email of addresses) {
    const answer = await post(a, message({ email }))
    t.equal(outcome(answer), '400 REQUEST_INVALID', JSON.stringify(email))
    t.equal(answer.json().issues[0].path, '/data/email')
  }
})

t.test('a body of another shape answers 400 REQUEST_INVALID', async (t) => {
  const filled = message()
  const bodies: Record<string, unknown> = {
    'no data': {},
    'a list for data': { data: [filled] },
    'a text for data': { data: 'x' },
    'null for data': { data: null },
    'fields beside data': { data: filled, ...filled },
    'a status beside data': { data: filled, status: 'published' },
    'a slug beside data': { data: filled, slug: 'mine' },
    'a number for the honeypot': { data: filled, website: 1 },
    'a list': [{ data: filled }],
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await postText(a, JSON.stringify(body))), '400 REQUEST_INVALID', title)
})

t.test('NUL and half a surrogate pair answer 400 REQUEST_INVALID, in values and names, however deep', async (t) => {
  for (const bad of ['\u0000', '\ud800', '\udfff']) {
    for (const answers of [message({ body: `a${bad}` }), message({ [`x${bad}`]: 'a' }), message({ deep: [{ list: [bad] }] })]) {
      const answer = await post(a, answers)
      t.equal(outcome(answer), '400 REQUEST_INVALID')
      t.same(answer.json().issues, [{ path: '', message: 'must not hold NUL or broken Unicode' }])
    }
  }
})

t.test('prototype keys inside the data answer 400 BODY_INVALID and pollute nothing', async (t) => {
  for (const extra of ['"__proto__":{"admin":true}', '"constructor":{"prototype":{"admin":true}}']) {
    t.equal(outcome(await postText(a, JSON.stringify({ data: message() }).replace('{"name"', `{${extra},"name"`))), '400 BODY_INVALID', extra)
  }
  t.equal(Reflect.get({}, 'admin'), undefined)
})

t.test('data that nests thirty thousand levels answers 400 REQUEST_INVALID, also where the form takes anything', async (t) => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  t.equal(outcome(await postText(a, `{"data":{"name":${deep}}}`)), '400 REQUEST_INVALID')
  await data.owner.query(
    `insert into collections (tenant_id, id, slug, name, schema, audience, form) values ($1, gen_random_uuid(), 'open', 'Open', '{}', 'staff', true)`,
    [a.id],
  )
  const toOpen = (value: string) => postText(a, `{"data":{"name":${value}}}`, '/v1/forms/open')
  t.same((await toOpen(deep)).json().issues, [{ path: '/data', message: 'nests too deep' }])
  t.equal((await toOpen('[[[1]]]')).statusCode, 202, 'control')
  await data.owner.query(`delete from collections where slug = 'open'`)
  await forget()
})

t.test('65 KB answer 413 BODY_TOO_LARGE, other content types 415, broken JSON 400', async (t) => {
  t.equal(outcome(await post(a, message({ body: 'x'.repeat(65 * 1024) }))), '413 BODY_TOO_LARGE')
  for (const body of ['{', 'name=Ana', '']) t.equal(outcome(await postText(a, body)), '400 BODY_INVALID')
  const { send } = formCalls({ app, data })
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
    const answer = await send(a, { method: 'POST', url: '/v1/forms/messages', payload: 'data=x' }, { headers: { 'content-type': type } })
    t.equal(outcome(answer), '415 CONTENT_TYPE_UNSUPPORTED', type)
  }
})
