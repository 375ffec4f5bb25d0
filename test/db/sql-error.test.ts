import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Test, test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { databaseProblem, sqlState } from '../../src/db/sql-error.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { newId } from '../../src/security/random-token.ts'
import { createTestDatabase } from '../database.ts'

const tenant = newId()
const away = { code: 'DATABASE_UNAVAILABLE', statusCode: 503, retryAfter: 2 }
const busy = { code: 'OVERLOADED', statusCode: 503, retryAfter: 2 }

/** The same failure met by a query, raw SQL, a batch and an interactive transaction: Prisma words each differently. */
const ways: Record<string, (db: Database) => Promise<unknown>> = {
  'a query': (db) => db.forTenant(tenant).member.count(),
  'raw SQL': (db) => db.forTenant(tenant).$queryRaw`select 1`,
  'a batch': (db) => db.forTenant(tenant).$transaction([db.forTenant(tenant).member.count()]),
  'a transaction': (db) => db.forTenant(tenant).$transaction((tx) => tx.member.count()),
  'pg itself': (db) => db.pool.query('select 1'),
}

test('a database that is not there answers 503 DATABASE_UNAVAILABLE', async (t) => {
  for (const host of ['127.0.0.1:1', 'localhost:1', 'nowhere.invalid:5432']) {
    const db = open(t, `postgresql://x:y@${host}/x`)
    for (const [way, ask] of Object.entries(ways)) t.match(databaseProblem(await failure(ask(db))), away, `${way} to ${host}`)
  }
})

test('a server that stops answers 503 DATABASE_UNAVAILABLE, during a statement and after', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-stop-'))
  await chmod(dataDir, 0o755)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })
  const superuser = new pg.Client({ connectionString: server.url('postgres') })
  superuser.on('error', () => {})
  await superuser.connect()
  await superuser.query('create role tenantry_app')
  const db = open(t, server.url('postgres'))
  const [sleeping, inTransaction] = [
    failure(db.forTenant(tenant).$queryRaw`select pg_sleep(60)::text`),
    failure(db.forTenant(tenant).$transaction((tx) => tx.$queryRaw`select pg_sleep(60)::text`)),
  ]
  while ((await superuser.query(`select from pg_stat_activity where wait_event = 'PgSleep'`)).rowCount !== 2);
  await server.stop()
  t.match(databaseProblem(await sleeping), away)
  t.match(databaseProblem(await inTransaction), away)
  for (const [way, ask] of Object.entries(ways)) t.match(databaseProblem(await failure(ask(db))), away, way)
})

test('a connection that is cut answers 503 DATABASE_UNAVAILABLE', async (t) => {
  const { open: openClone, owner } = await createTestDatabase(t)
  const db = openClone()
  const cut = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  const within = (last: 'query' | 'nothing') =>
    failure(
      db.forTenant(tenant).$transaction(async (tx) => {
        await tx.member.count()
        await owner.query(cut)
        if (last === 'query') await tx.member.count()
      }),
    )
  t.match(databaseProblem(await within('query')), away, 'before the next statement')
  t.match(databaseProblem(await within('nothing')), away, 'before the commit')
  const left = failure(
    db.forTenant(tenant).$transaction(async (tx) => {
      const [{ pid } = { pid: 0 }] = await tx.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`
      await tx.$executeRaw`set local idle_in_transaction_session_timeout = 1`
      while ((await owner.query('select from pg_stat_activity where pid = $1', [pid])).rowCount !== 0);
      await tx.member.count()
    }),
  )
  t.match(databaseProblem(await left), away, 'for leaving its transaction idle')
})

test('no connection left answers 503 OVERLOADED', { timeout: 30_000 }, async (t) => {
  const { open: openClone } = await createTestDatabase(t)
  const db = openClone({ max: 1 })
  const held = await db.pool.connect()
  const failures = await Promise.all(Object.entries(ways).map(async ([way, ask]) => [way, await failure(ask(db))] as const))
  held.release()
  for (const [way, error] of failures) t.match(databaseProblem(error), busy, way)
})

test('work that takes too long, or meets other work, answers 503 OVERLOADED', async (t) => {
  const { open: openClone } = await createTestDatabase(t)
  const db = openClone().forTenant(tenant)
  const cases = {
    'statement time-out': () => db.$transaction([db.$executeRaw`set local statement_timeout = 10`, db.$queryRaw`select pg_sleep(9)::text`]),
    'transaction time-out': () => db.$transaction((tx) => tx.$queryRaw`select pg_sleep(0.1)::text`.then(() => tx.member.count()), { timeout: 10 }),
    deadlock: () => db.$executeRaw`do $$ begin raise exception 'x' using errcode = '40P01'; end $$`,
    'serialisation failure': () => db.$executeRaw`do $$ begin raise exception 'x' using errcode = '40001'; end $$`,
  }
  for (const [name, work] of Object.entries(cases)) t.match(databaseProblem(await failure(work())), busy, name)
})

test('too many connections for the login answers 503 DATABASE_UNAVAILABLE', async (t) => {
  const { url, owner, name } = await createTestDatabase(t)
  await owner.query(`create role "${name}" login password 'x' connection limit 0; grant tenantry_app to "${name}"`)
  t.teardown(() => owner.query(`drop role "${name}"`))
  const limited = Object.assign(new URL(url), { username: name, password: 'x' })
  t.match(databaseProblem(await failure(open(t, limited.href).forTenant(tenant).member.count())), away)
})

test('text that PostgreSQL cannot store answers 400 REQUEST_INVALID', async (t) => {
  const { open: openClone } = await createTestDatabase(t)
  const error = await failure(
    openClone()
      .forTenant(tenant)
      .member.count({ where: { email: 'a\u0000' } }),
  )
  t.match(databaseProblem(error), { code: 'REQUEST_INVALID', statusCode: 400 })
  t.equal(sqlState(error), '22021')
})

test('a fault of ours is no problem of the database', async (t) => {
  const { open: openClone, url } = await createTestDatabase(t)
  const db = openClone().forTenant(tenant)
  const refused = await failure(db.$executeRaw`insert into sites (tenant_id, name, locale, time_zone) values (${newId()}::uuid, 'x', 'x', 'x')`)
  t.equal(sqlState(refused), '42501')
  const faults = [
    refused,
    await failure(db.$queryRaw`select terminate from connection_timeout`),
    await failure(db.$queryRaw`select 1 / 0`),
    await failure(db.member.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tenant, id: tenant } } })),
    await failure(db.$transaction(async () => Promise.reject(new Error('connection of ideas terminated')))),
    await failure(
      open(t, Object.assign(new URL(url), { password: 'wrong' }).href)
        .forTenant(tenant)
        .member.count(),
    ),
    await failure(
      open(t, Object.assign(new URL(url), { pathname: '/nowhere' }).href)
        .forTenant(tenant)
        .member.count(),
    ),
    Object.assign(new Error('no such file'), { code: 'ENOENT' }),
    'a string',
    undefined,
  ]
  for (const fault of faults) t.equal(databaseProblem(fault), undefined, String(fault).split('\n').at(-1) ?? '')
})

function open(t: Test, url: string): Database {
  const db = openDatabase({ url, mode: 'session', max: 2, onError: () => {} })
  t.teardown(() => db.close())
  return db
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
}
