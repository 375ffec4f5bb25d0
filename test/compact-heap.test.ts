import { getHeapSpaceStatistics } from 'node:v8'
import t from 'tap'
import { compactHeap } from '../src/compact-heap.ts'

const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
const megabyte = 1024 * 1024

t.test('the room for young objects that starting took is given back, and what collects stays out of reach', (t) => {
  grow()
  const before = young()
  t.ok(before >= 16 * megabyte, `control: ${before}`)
  compactHeap()
  const after = young()
  t.ok(after <= 4 * megabyte, `${before} became ${after}`)
  t.equal(Reflect.get(globalThis, 'gc'), undefined)
  grow()
  t.ok(young() >= 16 * megabyte, 'room is made again')
  t.end()
})

/** As starting does: much that lives for a while. */
function grow(): void {
  const held: object[] = []
  for (let at = 0; at < 1_000_000; at++) held[at % 300_000] = { at, text: `${at}` }
}
