import { test } from 'tap'
import { readRange } from '../../src/files/byte-range.ts'

test('a range is read as RFC 9110 has it, of a file of ten bytes', async (t) => {
  const part = (first: number, last: number) => ({ first, last })
  const whole = undefined
  const cases: Record<string, ReturnType<typeof readRange>> = {
    'bytes=0-3': part(0, 3),
    'bytes=4-': part(4, 9),
    'bytes=-3': part(7, 9),
    'bytes=9-9': part(9, 9),
    'bytes=5-100': part(5, 9),
    'bytes=-100': part(0, 9),
    'BYTES= 0-0 ': part(0, 0),
    'bytes=10-': 'none',
    'bytes=10-20': 'none',
    'bytes=-0': 'none',
    [`bytes=${'9'.repeat(400)}-`]: 'none',
    // Not well formed, of another unit, or of several parts: the whole.
    'bytes=3-1': whole,
    'bytes=-': whole,
    'bytes=a-b': whole,
    'bytes=1.5-2': whole,
    'bytes=0-1,3-4': whole,
    'lines=0-1': whole,
    '0-1': whole,
    '': whole,
  }
  for (const [header, found] of Object.entries(cases)) t.same(readRange(header, 10), found, header)
  t.equal(readRange(undefined, 10), whole)
  t.equal(readRange('bytes=0-', 0), 'none', 'nothing is there')
})
