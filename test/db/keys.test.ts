import { test } from 'tap'
import { createTestDatabase } from '../database.ts'
import { failuresOf, outcomeOf } from './isolation-matrix.ts'
import { checkKeys } from './key-matrix.ts'
import { addRows, insertion } from './tenant-rows.ts'

test('no row can point at a row of another tenant', async (t) => {
  const { owner, addTenant } = await createTestDatabase(t)
  const [a, b] = [await addTenant(), await addTenant()]
  await addRows(owner, a.id)
  await addRows(owner, b.id)
  const cells = await checkKeys(owner, { from: b.id, to: a.id })
  t.ok(cells.length > 20)
  t.same(failuresOf(cells), [])
})

test('values are unique per tenant, and only per tenant', async (t) => {
  const { owner, addTenant } = await createTestDatabase(t)
  const [a, b] = [await addTenant(), await addTenant()]
  await addRows(owner, a.id)
  await t.resolves(addRows(owner, b.id), 'two tenants hold the same names, slugs and addresses')
  for (const [table, constraint] of [
    ['members', 'email_key'],
    ['roles', 'slug'],
    ['collections', 'slug'],
  ] as const) {
    const again = insertion(table, a.id)
    const outcome = await outcomeOf(() =>
      owner.query(
        again.text,
        again.values.map((value, at) => (at === 1 ? b.id : value)),
      ),
    )
    t.same(outcome, { refused: '23505' }, `${table} has one ${constraint} in a tenant`)
  }
})
