import t from 'tap'
import { findFault } from '../../src/content/validate-entry.ts'

const text = { type: 'string', maxLength: 10 }

t.test('data that fits its schema has no fault', async (t) => {
  const schema = { type: 'object', properties: { a: text, day: { type: 'string', format: 'date' } }, required: ['a'], additionalProperties: false }
  t.equal(findFault(schema, { a: 'x', day: '2028-02-29' }), undefined)
  t.equal(findFault({}, { anything: [1, null] }), undefined, 'a schema that asks for nothing')
})

t.test('a fault has its pointer and rule, and the limit of a text', async (t) => {
  const schema = {
    type: 'object',
    properties: {
      a: text,
      empty: { type: 'string', minLength: 1 },
      day: { type: 'string', format: 'date', pattern: '^\\d' },
      email: { type: 'string', format: 'email', pattern: '@' },
      link: { type: 'string', format: 'uri' },
      pick: { type: 'string', enum: ['one', 'two'] },
      count: { type: 'integer', maximum: 5 },
      list: { type: 'array', items: { type: 'object', required: ['x/y'], properties: { 'x/y': text } } },
    },
    additionalProperties: false,
  }
  const faults: [data: unknown, fault: object][] = [
    [[], { pointer: '', rule: 'type' }],
    [{ a: 1 }, { pointer: '/a', rule: 'type' }],
    [{ a: 'x'.repeat(11) }, { pointer: '/a', rule: 'long', limit: 10 }],
    [{ empty: '' }, { pointer: '/empty', rule: 'empty' }],
    [{ day: '2026-02-30' }, { pointer: '/day', rule: 'date' }],
    [{ day: 'soon' }, { pointer: '/day', rule: 'date' }],
    [{ email: 'nobody' }, { pointer: '/email', rule: 'email' }],
    [{ email: '@' }, { pointer: '/email', rule: 'email' }],
    [{ link: 'no link' }, { pointer: '/link', rule: 'link' }],
    [{ pick: 'three' }, { pointer: '/pick', rule: 'choice' }],
    [{ count: 6 }, { pointer: '/count', rule: 'other' }],
    [{ count: Number.POSITIVE_INFINITY }, { pointer: '/count', rule: 'type' }],
    [{ list: [{ 'x/y': 'a' }, {}] }, { pointer: '/list/1/x~1y', rule: 'missing' }],
    [{ b: 1 }, { pointer: '/b', rule: 'unknown' }],
  ]
  for (const [data, fault] of faults) t.same(findFault(schema, data), fault, JSON.stringify(data))
})

t.test('an address is what mail can be sent to, in letters of any language', async (t) => {
  for (const format of ['email', 'idn-email']) {
    const schema = { type: 'string', format }
    for (const address of ['josé@câmara.st', 'ana@mail.example', 'a+b@xn--cmara-3qa.st']) t.equal(findFault(schema, address), undefined, address)
    for (const address of ['a@b.example\r\nBcc: x@y.example', 'a@b.example,x@y.example', 'Ana <a@b.example>', '"a b"@b.example', 'a@b', 'a@@b.st'])
      t.same(findFault(schema, address), { pointer: '', rule: 'email' }, address)
  }
})

t.test('a length is counted in characters, not in code units', async (t) => {
  t.equal(findFault(text, '🌱'.repeat(10)), undefined)
  t.match(findFault(text, '🌱'.repeat(11)), { rule: 'long' })
})

t.test('a pattern is not tried on a text that is too long already', async (t) => {
  const schema = { type: 'string', maxLength: 20, pattern: '^(a+)+$' }
  const started = process.hrtime.bigint()
  t.match(findFault(schema, `${'a'.repeat(60_000)}!`), { rule: 'long' })
  t.ok(process.hrtime.bigint() - started < 1_000_000_000n, 'it would take for ever')
})

t.test('two schemas with one $id do not meet, and a changed schema holds at once', async (t) => {
  const [one, other] = [text, { type: 'number' }].map((type) => ({ $id: 'https://x.example/form', properties: { a: type } }))
  t.equal(findFault(one ?? {}, { a: 'x' }), undefined)
  t.match(findFault(other ?? {}, { a: 'x' }), { rule: 'type' })
  t.equal(findFault(one ?? {}, { a: 'x' }), undefined)
  const stranger = { properties: { a: { $ref: 'https://x.example/form' } } }
  t.throws(() => findFault(stranger, { a: { a: 'x' } }), /can't resolve reference/, 'nor can a third refer to them')
})

t.test('a schema that calls itself asynchronous is checked all the same', async (t) => {
  t.match(findFault({ $async: true, required: ['a'] }, {}), { pointer: '/a', rule: 'missing' })
})

t.test('a recursive schema is not followed deeper than eight levels', async (t) => {
  const schema = { properties: { next: { $ref: '#' } } }
  const nested = (levels: number): object => (levels === 0 ? {} : { next: nested(levels - 1) })
  t.equal(findFault(schema, nested(7)), undefined)
  t.same(findFault(schema, nested(8)), { pointer: '', rule: 'deep' })
})

t.test('a schema that is none throws', async (t) => {
  t.throws(() => findFault({ type: 'nonsense' }, {}))
})
