import t from 'tap'
import { newestParts } from '../../src/storage/newest-parts.ts'

const copy = (part: number, etag: string, second: number) => ({ part, size: 10, etag, sentAt: new Date(second * 1_000) })
const etags = (...copies: ReturnType<typeof copy>[]) => newestParts(copies).map(({ part, etag }) => `${part}${etag}`)

t.test('of a part that was sent again the newest counts, in whatever order they are listed', async (t) => {
  t.same(etags(copy(1, 'a', 1), copy(2, 'b', 1), copy(10, 'c', 1)), ['1a', '2b', '10c'])
  t.same(etags(copy(1, 'old', 1), copy(1, 'new', 2), copy(2, 'b', 1)), ['1new', '2b'])
  t.same(etags(copy(2, 'b', 1), copy(1, 'new', 2), copy(1, 'old', 1)), ['1new', '2b'])
  t.same(newestParts([copy(1, 'a', 1)]), [{ part: 1, size: 10, etag: 'a' }], 'without the time')
  t.same(newestParts([]), [])
})

t.test('where it cannot be told which is newer the part is as good as not there; the same twice is one', async (t) => {
  t.same(etags(copy(1, 'one', 2), copy(1, 'other', 2), copy(1, 'old', 1), copy(2, 'b', 1)), ['2b'])
  t.same(etags(copy(1, 'same', 2), copy(1, 'same', 2), copy(1, 'old', 1)), ['1same'])
})
