import { test } from 'tap'
import { parentsFirst, readCatalogue } from '../../src/site-archive/catalogue.ts'
import { carriedTables, leftBehind } from '../../src/site-archive/travelling-tables.ts'
import { createTestDatabase } from '../database.ts'

test('every table with a tenant travels or stays, and a reason is given where it stays', async (t) => {
  const { owner } = await createTestDatabase(t)
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  )
  t.ok(rows.length > 30, 'control')
  t.same(
    [...Object.keys(carriedTables), ...Object.keys(leftBehind)].sort(),
    rows.map(({ name }) => name),
    'add a new one to src/site-archive/travelling-tables.ts',
  )
  for (const [name, reason] of Object.entries(leftBehind)) t.ok(reason.length > 10, name)
})

test('what travels comes after what it points to, and points to nothing that stays', async (t) => {
  const { owner } = await createTestDatabase(t)
  const names = (await readCatalogue(owner)).map(({ name }) => name)
  t.same([...names].sort(), Object.keys(carriedTables).sort())
  const { rows } = await owner.query<{ child: string; parent: string; columns: string[] }>(
    `select c.relname::text as child, p.relname::text as parent, array(select a.attname::text from unnest(o.conkey) num
       join pg_attribute a on a.attrelid = o.conrelid and a.attnum = num where a.attname <> 'tenant_id') as columns
     from pg_constraint o join pg_class c on c.oid = o.conrelid join pg_class p on p.oid = o.confrelid
     where o.contype = 'f' and o.connamespace = 'public'::regnamespace and p.relname <> 'tenants'`,
  )
  for (const { child, parent, columns } of rows.filter((row) => names.includes(row.child))) {
    if (names.includes(parent)) t.ok(names.indexOf(parent) < names.indexOf(child), `${child} after ${parent}`)
    else t.strictSame(columns, carriedTables[child]?.blank, `${child} lets go of ${parent}`)
  }
  t.ok(names.indexOf('media') < names.indexOf('entries'), 'a trigger finds the media of an entry')
})

test('no table that travels has columns that the database numbers itself', async (t) => {
  const { owner } = await createTestDatabase(t)
  const { rows } = await owner.query(
    `select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid where a.attidentity <> '' and c.relname = any ($1)`,
    [Object.keys(carriedTables)],
  )
  t.same(rows, [])
})

test('tables that point to each other in a circle are a mistake that is told', (t) => {
  const table = (name: string, ...parents: string[]) => ({ name, columns: [], key: [], parents })
  t.same(
    parentsFirst([table('b', 'a', 'elsewhere'), table('a')]).map(({ name }) => name),
    ['a', 'b'],
  )
  t.throws(() => parentsFirst([table('a', 'b'), table('b', 'a')]), /in a circle: a, b/)
  t.end()
})
