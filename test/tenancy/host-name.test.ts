import fc from 'fast-check'
import t from 'tap'
import { normaliseHost } from '../../src/tenancy/host-name.ts'

t.test('one host has one form', async (t) => {
  const forms: Record<string, string[]> = {
    'site.example': ['site.example', 'SITE.Example', 'site.example.', 'site.example:3000', 'site.example.:443', 'ｓｉｔｅ。example'],
    'xn--bcher-kva.example': ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example', 'XN--BCHER-KVA.example:80'],
    localhost: ['localhost', 'LOCALHOST:3000'],
    'a-1.b2.example': ['a-1.b2.example'],
    '1password.example': ['1password.example'],
  }
  for (const [form, raws] of Object.entries(forms)) for (const raw of raws) t.equal(normaliseHost(raw), form, raw)
})

t.test('an address literal, in whichever notation, names no host', async (t) => {
  for (const raw of [
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:80',
    '::1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '１２７.0.0.1',
    '1.2.3.0x4',
  ]) {
    t.equal(normaliseHost(raw), undefined, raw)
  }
})

t.test('what is malformed or beyond RFC 1035 names no host', async (t) => {
  const malformed = [
    '',
    '.',
    ':',
    ':80',
    'a:',
    'a:b',
    'a:80:80',
    'a:123456',
    'a..b',
    '.a',
    'a..',
    '-a.example',
    'a-.example',
    'a_b.example',
    '*.example',
  ]
  const injected = ['a b', ' a', 'a\t', 'a\n', 'a\u0000b', 'a/b', 'a\\b', 'me@a', 'a?b', 'a#b', 'a%20b', 'a,b', 'a;b', '<a>', "a'b", '\ud800.example']
  for (const raw of [...malformed, ...injected]) t.equal(normaliseHost(raw), undefined, JSON.stringify(raw))
  const label = 'a'.repeat(63)
  t.equal(normaliseHost(`${label}.example`), `${label}.example`)
  t.equal(normaliseHost(`${label}a.example`), undefined, 'a label of 64')
  const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`
  t.equal(normaliseHost(longest), longest, 'a name of 253')
  t.equal(normaliseHost(`${longest}a`), undefined, 'a name of 254')
  t.equal(normaliseHost('ü'.repeat(513)), undefined)
})

t.test('whatever is given, the form is ASCII, lower case, bounded, and its own form', async () => {
  const like = fc.stringMatching(/^[A-Za-zü。0-9x.:-]{0,40}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), like), (raw) => {
      const form = normaliseHost(raw)
      return form === undefined || (/^[a-z0-9.-]{1,253}$/.test(form) && normaliseHost(form) === form)
    }),
    { numRuns: 2_000 },
  )
})
