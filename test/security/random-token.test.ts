import { test } from 'tap'
import { newId, randomSecret } from '../../src/security/random-token.ts'

test('a secret is 256 bits that never come twice', (t) => {
  const secrets = Array.from({ length: 1_000 }, randomSecret)
  t.equal(new Set(secrets).size, secrets.length)
  for (const secret of secrets.slice(0, 20)) t.match(secret, /^[A-Za-z0-9_-]{43}$/)
  t.end()
})

test('an id is a UUID of version 7 in its one form', (t) => {
  const ids = Array.from({ length: 1_000 }, () => newId())
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) t.fail(id)
  t.end()
})

test('ids sort by the millisecond they were made in', (t) => {
  const times = [0, 1, 255, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 1, 2 ** 48 - 1]
  const ids = times.map((time) => newId(time))
  t.same(ids.toSorted(), ids)
  t.same(
    ids.map((id) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)),
    times,
  )
  t.end()
})
