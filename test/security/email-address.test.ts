import fc from 'fast-check'
import { test } from 'tap'
import { emailKey } from '../../src/security/email-address.ts'

test('one mailbox has one key', (t) => {
  const same: [string, string][] = [
    ['Ana@Example.TEST', 'ana@example.test'],
    ['\u212Aate@example.test', 'kate@example.test'],
    ['jos\u00e9@example.test', 'jose\u0301@example.test'],
    ['ana@m\u00e9-z\u00f3chi.st', 'ana@xn--m-zchi-bva6f.st'],
    ['ana@me\u0301-zo\u0301chi.st', 'ana@m\u00e9-z\u00f3chi.st'],
    ['\uff41na@example.test', 'ana@example.test'],
    ['ana@example\u3002test', 'ana@example.test'],
    ['ana+news@example.test', 'ANA+news@example.test'],
  ]
  for (const [one, other] of same) {
    t.type(emailKey(one), 'string', one)
    t.equal(emailKey(one), emailKey(other), `${one} and ${other}`)
  }
  t.end()
})

test('two mailboxes have two keys', (t) => {
  t.not(emailKey('ana@example.test'), emailKey('ana+news@example.test'))
  t.not(emailKey('a.na@example.test'), emailKey('ana@example.test'), 'dots are no one else’s business')
  t.not(emailKey('ana@a.test'), emailKey('ana@b.test'))
  t.end()
})

test('what is no plain address is refused', (t) => {
  const refused = {
    'a NUL': 'a\u0000na@example.test',
    'a line break': 'ana@example.test\r\nBcc: eve@example.test',
    'a bare LF': 'ana\n@example.test',
    'a second address': 'ana@example.test,eve@example.test',
    'a semicolon': 'ana@example.test;eve@example.test',
    'angle brackets': 'Ana <ana@example.test>',
    'a route': '<@relay.test:ana@example.test>',
    'a group': 'friends:ana@example.test;',
    'a comment': 'ana(work)@example.test',
    'a quoted part': '"ana eve"@example.test',
    'a backslash': 'ana\\@example.test',
    'a space': 'ana eve@example.test',
    'a space around': ' ana@example.test',
    'a no-break space': 'ana\u00a0@example.test',
    'a full-width comma': 'ana\uff0ceve@example.test',
    'a full-width at': 'ana\uff20evil.test@example.test',
    'a lone surrogate': 'ana\ud800@example.test',
    'a line separator': 'ana\u2028@example.test',
    'a zero-width space': 'an\u200ba@example.test',
    'a soft hyphen': 'ana@exa\u00admple.test',
    'a change of direction': 'an\u202ea@example.test',
    'a control of the second set': 'an\u0085a@example.test',
    'no at': 'ana.example.test',
    'two ats': 'ana@eve@example.test',
    'no local part': '@example.test',
    'no domain': 'ana@',
    'a domain of one label': 'ana@localhost',
    'an address literal': 'ana@[127.0.0.1]',
    'a dot at the start': '.ana@example.test',
    'a dot at the end': 'ana.@example.test',
    'two dots': 'a..na@example.test',
    'a trailing dot': 'ana@example.test.',
    'a hyphen at the end of a label': 'ana@example-.test',
    'an underscore in the domain': 'ana@exa_mple.test',
    'a port': 'ana@example.test:25',
    'a path': 'ana@example.test/x',
    'a query': 'ana@example.test?x',
    'a fragment': 'ana@example.test#x',
    'an escape': 'ana@ex%61mple.test',
    'an IPv4 address': 'ana@127.0.0.10',
    'an IPv4 address in hexadecimal': 'ana@0x7f00000a',
    'a local part of 65 bytes': `${'a'.repeat(65)}@example.test`,
    'a local part of 33 two-byte letters': `${'\u00e9'.repeat(33)}@example.test`,
    'a label of 64': `ana@${'a'.repeat(64)}.test`,
    '255 characters': `ana@${'a.'.repeat(120)}example.test`,
    'a megabyte': 'a'.repeat(1_000_000),
    nothing: '',
  }
  for (const [name, address] of Object.entries(refused)) t.equal(emailKey(address), undefined, name)
  t.end()
})

test('a key is its own key, fits a mail header and says the same on every day', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.emailAddress(),
        fc.string({ unit: 'binary' }).map((text) => `${text}@example.test`),
      ),
      (address) => {
        const key = emailKey(address)
        if (key === undefined) return true
        return emailKey(key) === key && key.length <= 254 && key.split('@').length === 2 && !/[\s,;:<>()[\]\\"\u0000-\u001f]/.test(key)
      },
    ),
    { numRuns: 2_000 },
  )
  t.end()
})
