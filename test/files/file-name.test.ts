import fc from 'fast-check'
import t from 'tap'
import { contentDisposition } from '../../src/files/content-disposition.ts'
import { displayName } from '../../src/files/file-name.ts'
import { inWorker } from './in-worker.ts'

const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*\\/;%`$]/u
const nasty = [
  '../',
  '..\\',
  '\u0000',
  '\u202e',
  '\u200f',
  '\u2066',
  '\ud800',
  '\r\n',
  '/',
  'C:\\',
  '%2e%2e',
  '"',
  ';',
  '`id`',
  '.',
  ' ',
  'é',
  '名',
  '😀',
  '.exe',
  '\u200b',
]
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...nasty, 'a', 'b.png')).map((parts) => parts.join('')),
)

t.test('a name is shown without path, control, direction and half characters, whatever was sent', async (t) => {
  fc.assert(
    fc.property(names, (given) => {
      const shown = displayName(given, 'png')
      return (
        !unsafe.test(shown) &&
        !shown.startsWith('.') &&
        shown.endsWith('.png') &&
        shown.length > 4 &&
        [...shown].length <= 154 &&
        shown.isWellFormed()
      )
    }),
    { numRuns: 2_000 },
  )
  fc.assert(fc.property(names, (given) => displayName(displayName(given, 'png'), 'png') === displayName(given, 'png')))
  t.pass('2,000 names and as many twice')
})

t.test('what is known of a name stays: the last part, without its extension, as it is written', async (t) => {
  const wanted: Record<string, string> = {
    '../../etc/passwd': 'passwd.png',
    'C:\\Users\\ana\\praia.jpg': 'praia.png',
    'invoice\u202egnp.exe': 'invoicegnp.png',
    'a\u0000b.png': 'ab.png',
    'São Tomé.JPEG': 'São Tomé.png',
    '.htaccess': 'file.png',
    '': 'file.png',
    '...': 'file.png',
    'x.tar.gz': 'x.tar.png',
    ['x'.repeat(65_536)]: `${'x'.repeat(150)}.png`,
  }
  for (const [given, shown] of Object.entries(wanted)) t.equal(displayName(given, 'png'), shown, given.slice(0, 40))
  t.equal(displayName('notes', ''), 'notes')
})

t.test('a name of a million characters takes no longer than one of a thousand', async (t) => {
  const parts = ['.', ' ', '. ', '\u00a0', '.a', '/', 'e\u0301', '\u0301', '\u202e', 'x']
  const calls = parts.flatMap((part) => ['', 'x', '.png'].map((end) => [`x${part.repeat(1_000_000)}${end}`, 'png']))
  const outcomes = await inWorker('file-name.ts', 'displayName', calls)
  t.equal(outcomes.length, calls.length)
  t.ok(outcomes.every((outcome) => typeof outcome === 'string' && outcome.endsWith('.png')))
})

t.test('a header of any name is one line of printable ASCII, and tells the name exactly', async (t) => {
  fc.assert(
    fc.property(names, (given) => {
      const name = displayName(given, 'pdf')
      const header = contentDisposition('attachment', name)
      const [, plain = '', exact = ''] = /^attachment; filename="([ !#-[\]-~]*)"; filename\*=UTF-8''([!#$&+.^_|~A-Za-z0-9%-]*)$/.exec(header) ?? []
      return plain.length > 0 && decodeURIComponent(exact) === name
    }),
    { numRuns: 2_000 },
  )
  t.equal(contentDisposition('inline', 'São "1".pdf'), `inline; filename="Sao _1_.pdf"; filename*=UTF-8''S%C3%A3o%20%221%22.pdf`)
})
