import fc from 'fast-check'
import { test } from 'tap'
import { chooseCoding, codings } from '../../src/files/accept-encoding.ts'

/** Header → what is sent where all are there, where there is no br, and where there is nothing but the file. */
const wishes: [header: string | undefined, all: string, withoutBr: string, plain?: string][] = [
  [undefined, 'identity', 'identity'],
  ['', 'identity', 'identity'],
  ['gzip, deflate, br, zstd', 'br', 'gzip'],
  ['gzip, deflate', 'gzip', 'gzip'],
  ['br', 'br', 'identity'],
  ['*', 'br', 'gzip'],
  ['identity', 'identity', 'identity'],
  ['deflate, zstd', 'identity', 'identity'],
  ['gzip;q=1, br;q=0.5', 'gzip', 'gzip'],
  ['br;q=0.5, gzip;q=0.499', 'br', 'gzip'],
  ['br;q=0', 'identity', 'identity'],
  ['br;q=0.000, gzip', 'gzip', 'gzip'],
  ['br;q=0, *', 'gzip', 'gzip'],
  ['*;q=0.1, gzip;q=0', 'br', 'identity'],
  ['gzip;q=0.1, identity', 'identity', 'identity'],
  ['gzip;q=0.1, identity;q=0.5, br', 'br', 'identity'],
  ['gzip;q=0.5, identity;q=0.5', 'gzip', 'gzip'],
  ['gzip;q=0.001', 'gzip', 'gzip'],
  ['gzip;q=0.3, *;q=0.5', 'br', 'identity'],
  ['identity;q=0, gzip;q=0.1', 'gzip', 'gzip'],
  ['*;q=0, br', 'br', 'identity'],
  // Nothing is left: the file as it is, rather than none.
  ['identity;q=0', 'identity', 'identity'],
  ['*;q=0', 'identity', 'identity'],
  ['gzip;q=0, br;q=0, identity;q=0', 'identity', 'identity'],
  // Spellings.
  ['BR', 'br', 'identity'],
  ['GZip;Q=0.8, identity;q=0.1', 'gzip', 'gzip'],
  ['x-gzip', 'gzip', 'gzip'],
  ['X-GZIP;q=0, gzip-x', 'identity', 'identity'],
  [' ,, \tgzip \t; \tq=0.5 ,', 'gzip', 'gzip'],
  ['br;q=1.', 'br', 'identity'],
  ['br;q=1.000', 'br', 'identity'],
  // What is not written as the standard has it counts as not written.
  ['br;q=2, gzip;q=0.1', 'gzip', 'gzip'],
  ['br;q=1.5', 'identity', 'identity'],
  ['br;q=-1', 'identity', 'identity'],
  ['br;q=0.5555, gzip;q=0.1', 'gzip', 'gzip'],
  ['br;q=, gzip', 'gzip', 'gzip'],
  ['br;level=11, gzip', 'gzip', 'gzip'],
  ['br gzip', 'identity', 'identity'],
  ['brotli, "br"', 'identity', 'identity'],
  ['constructor, __proto__', 'identity', 'identity'],
]

test('the coding that is liked best among those that are there is sent', async (t) => {
  for (const [header, all, withoutBr, plain = 'identity'] of wishes) {
    t.equal(chooseCoding(header, codings), all, String(header))
    t.equal(chooseCoding(header, ['gzip', 'identity']), withoutBr, `${header}, without br`)
    t.equal(chooseCoding(header, ['identity']), plain, `${header}, the file alone`)
  }
})

test('whatever stands in the header, what is sent is there, and was not refused where anything else was taken', async (t) => {
  const weight = fc.constantFrom('', ';q=0', ';q=0.2', ';q=0.7', ';q=1', ';q=x')
  const part = fc.tuple(fc.constantFrom('br', 'gzip', 'identity', '*', 'zstd', 'é', ''), weight).map((both) => both.join(''))
  const property = fc.property(fc.uniqueArray(part, { maxLength: 6, selector: (each) => each.split(';')[0] }), (parts) => {
    const header = parts.join(', ')
    const chosen = chooseCoding(header, codings)
    const refused = (coding: string) => parts.includes(`${coding};q=0`) || (!parts.some((each) => each.startsWith(coding)) && parts.includes('*;q=0'))
    const taken = codings.filter((coding) => parts.some((each) => each.startsWith(coding) && !/=(?:0|x)$/.test(each)))
    return codings.includes(chosen) && (!refused(chosen) || taken.length === 0)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }))
})
