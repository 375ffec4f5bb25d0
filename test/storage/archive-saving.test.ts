import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { leastBilledSize, listPrices } from '../../src/storage/archive-prices.ts'
import { archiveSaving } from '../../src/storage/archive-saving.ts'
import { archiveAfterDays, leastArchivedSize } from '../../src/storage/bucket-lifecycle.ts'
import {
  ageClasses,
  type Holdings,
  measureHoldings,
  noHoldings,
  oldOriginals,
  sumOfHoldings,
  type Tally,
  tallyOf,
} from '../../src/storage/holdings.ts'
import type { StoredObject } from '../../src/storage/object-storage.ts'

const [KB, MB, GB] = [1024, 1024 ** 2, 1024 ** 3]
const now = new Date('2026-11-26T00:00:00Z')
const original = 'media/0192a0b0-0000-7000-8000-000000000000/original'

/** An object of so many days. */
const kept = (key: string, size: number, days: number): StoredObject => ({
  key,
  size,
  etag: 'x',
  modifiedAt: new Date(now.getTime() - days * 24 * 3_600_000),
})
const measure = (objects: StoredObject[]) =>
  measureHoldings(
    (async function* () {
      yield* objects
    })(),
    now,
  )
/** All of it old enough, whatever its size. */
const old = (tally: Tally): Holdings => ({ all: tally, originals: [...noHoldings.originals.slice(0, -1), tally] })
const near = (one: number, other: number) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other))

t.test('the numbers of docs/storage.md follow from the prices', async (t) => {
  const page = (await readFile('docs/storage.md', 'utf8')).replace(/\s+/g, ' ')
  const says = (words: string) => t.ok(page.includes(words), words)
  const percent = ({ month }: ReturnType<typeof archiveSaving>) => (month.saved / month.standard) * 100
  const large: Tally = { objects: 1, bytes: 100 * GB, billed: 100 * GB }
  says(`A byte that has moved costs ${percent(archiveSaving(old(large), listPrices)).toFixed(1)} % less.`)
  /** A GB each day, in one object, for so many months of 30 days. */
  const growing = async (months: number) => {
    const days = Array.from({ length: months * 30 }, (_, at) => kept(original, GB, at + 1))
    return Math.floor(percent(archiveSaving(await measure(days), listPrices)))
  }
  says(
    `after 6 months half of it, so that the bill is ${await growing(6)} % lower; after 12 months ${await growing(12)} %, after 24 months ${await growing(24)} %.`,
  )
  const [megabyte, half, small] = [MB, 512 * KB, 50 * KB].map((size) => archiveSaving(old(tallyOf(size)), listPrices))
  if (!megabyte || !half || !small) return t.fail('three of them')
  says(
    `An object of 1 MB saves ${megabyte.month.saved.toFixed(7)} a month, and moving it costs ${megabyte.moving.toFixed(5)}: after a month it has paid`,
  )
  t.equal(Math.round(megabyte.paidBackAfter ?? 0), 1)
  says('one of 512 KB after two, one of 50 KB after three years, since 128 KB are billed.')
  t.equal(Math.round(half.paidBackAfter ?? 0), 2)
  t.equal(Math.round((small.paidBackAfter ?? 0) / 12), 3)
  says('One that is read once in two months costs more there than it saves.')
  t.ok((megabyte.readsUseUp ?? 0) > 2 && (half.readsUseUp ?? 0) > 2)
})

t.test('what is archived is what the lifecycle moves: larger than 512 KB, 90 days old, never billed for more than it is', (t) => {
  t.ok(leastArchivedSize > leastBilledSize)
  t.ok(ageClasses.some(({ from }) => from === archiveAfterDays))
  t.end()
})

t.test('originals are told by key and size, and have moved by age', async (t) => {
  const large = 600 * KB
  const holdings = await measure([
    kept(original, large, 400),
    kept(original, large, 364),
    kept(original, large, 90),
    kept(original, large, 89.9),
    kept(original, large, 0),
    kept(original, large, -1),
    kept(original, 512 * KB, 400),
    kept(`${original}.jpg`, large, 400),
    kept(`${original}/1`, large, 400),
    kept('media/0192a0b0-0000-7000-8000-000000000000/large.webp', large, 400),
    kept('brand/original', large, 400),
    kept('old/media/x/original', large, 400),
  ])
  t.same(
    holdings.originals.map(({ objects }) => objects),
    [2, 1, 2, 1],
  )
  t.same(oldOriginals(holdings), { objects: 3, bytes: 3 * large, billed: 3 * large })
  t.match(holdings.all, { objects: 12, bytes: 11 * large + 512 * KB })
  t.same(await measure([]), noHoldings)
})

t.test('where nothing has moved it saves and costs nothing; where it never pays that is told from it', async (t) => {
  const nothing = { saved: 0 }
  t.match(archiveSaving(noHoldings, listPrices), { month: nothing, moving: 0, paidBackAfter: null, readsUseUp: null })
  t.match(archiveSaving(await measure([kept(original, GB, 10)]), listPrices), { month: { ...nothing, standard: 0.023, archive: 0.023 }, moving: 0 })
  const dear = archiveSaving(await measure([kept(original, GB, 100)]), { ...listPrices, archive: 0.05 })
  t.ok(dear.month.saved < 0)
  t.match(dear, { paidBackAfter: null, readsUseUp: null })
  const free = archiveSaving(await measure([kept(original, GB, 100)]), { ...listPrices, readArchive: 0, readArchiveGb: 0 })
  t.equal(free.readsUseUp, 0, 'it may be read as often as one likes')
})

const anObject = fc
  .record({ key: fc.constantFrom(original, 'media/x/small.webp', 'brand/logo'), size: fc.nat(8 * MB), days: fc.integer({ min: -2, max: 1_000 }) })
  .map(({ key, size, days }) => kept(key, size, days))

t.test('for whatever is kept: the parts make the whole, and no list price lets what moves cost more to keep', async (t) => {
  const rounds = fc.asyncProperty(fc.array(anObject, { maxLength: 40 }), fc.array(anObject, { maxLength: 40 }), async (one, other) => {
    const [left, right, both] = await Promise.all([one, other, [...one, ...other]].map(measure))
    if (!left || !right || !both) return false
    const [a, b, whole] = [left, right, both].map((holdings) => archiveSaving(holdings, listPrices))
    if (!a || !b || !whole) return false
    const moved = oldOriginals(both)
    return (
      JSON.stringify(sumOfHoldings([left, right])) === JSON.stringify(both) &&
      near(a.month.saved + b.month.saved, whole.month.saved) &&
      near(a.reading.archive + b.reading.archive, whole.reading.archive) &&
      near(whole.month.archive + whole.month.saved, whole.month.standard) &&
      whole.month.saved >= 0 &&
      whole.reading.archive >= whole.reading.standard &&
      moved.billed === moved.bytes &&
      // No object that the lifecycle moves needs more than two months and a week to pay its move.
      (moved.objects === 0 ? whole.paidBackAfter === null : (whole.paidBackAfter ?? 3) < 2.2)
    )
  })
  await fc.assert(rounds)
  t.pass('held')
})
