import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { migrationNames, migrationsFolder } from '../../src/db/migrate.ts'
import { breaksTransaction, statementsOf } from './one-transaction.ts'

/** `migrate` takes one that broke off for rolled back as a whole, and tries it again. */
test('every migration is one transaction', async (t) => {
  const names = await migrationNames()
  for (const name of names) {
    const script = await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8')
    t.ok(statementsOf(script).length > 0, name)
    t.same(breaksTransaction(script), [], name)
  }
})

test('what cannot be inside of a transaction, or ends one, is found; what only looks like it is not', async (t) => {
  const broken: Record<string, string> = {
    'an index beside the traffic': 'create table a (b int); create index CONCURRENTLY a_b on a (b)',
    'a unique one': 'create unique index concurrently if not exists a_b on a (b)',
    'one that goes': 'drop index concurrently a_b',
    'one made anew': 'reindex (verbose) table concurrently a',
    'a partition let go': 'alter table a detach partition b concurrently',
    'a view refreshed is fine, a vacuum is not': 'refresh materialized view concurrently v; vacuum a',
    'an end and a new beginning': "insert into a values (';'); commit",
    'its own transaction': 'begin; create table a (b int)',
    'another word for it': '/* so */ start transaction',
    'a way back': 'rollback to x',
    'a value that is used at once': "alter type mood add value if not exists 'glad'; update a set m = 'glad'",
    'a database': 'create database b',
    'a setting of the server': 'alter system set x = 1',
    'a block that commits': 'do $x$ begin perform 1; commit; end $x$',
    'a table moved whole': 'cluster a',
  }
  for (const [what, script] of Object.entries(broken)) t.equal(breaksTransaction(script).length, 1, what)
  const sound: Record<string, string> = {
    'the body of a function': "create function f() returns void language plpgsql as $$ begin raise notice 'vacuum'; end $$;",
    'words in texts and comments':
      "-- vacuum it; commit\ninsert into a values ('commit; vacuum a'), (E'it''s; begin'); /* begin; /* end; */ commit; */ select 1",
    'a quoted name': 'create table "commit; vacuum" (b int)',
    'a value that is used later': "alter type mood add value 'glad'; update a set m = 'sad'",
    'on commit': 'create temporary table a (b int) on commit drop',
  }
  for (const [what, script] of Object.entries(sound)) t.same(breaksTransaction(script), [], what)
  t.equal(statementsOf(sound['words in texts and comments'] ?? '').length, 2)
})
