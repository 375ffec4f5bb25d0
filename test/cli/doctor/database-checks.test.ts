import { test } from 'tap'
import { clock } from '../../../src/cli/doctor/checks/clock.ts'
import { database } from '../../../src/cli/doctor/checks/database.ts'
import { migrations } from '../../../src/cli/doctor/checks/migrations.ts'
import { pooler } from '../../../src/cli/doctor/checks/pooler.ts'
import { roles } from '../../../src/cli/doctor/checks/roles.ts'
import { walls } from '../../../src/cli/doctor/checks/walls.ts'
import { startPgBouncer } from '../../pgbouncer.ts'
import { createPatient, look, remarksOf } from './patient.ts'

test('a database that is away, not there or does not take the login is a problem, each in words', async (t) => {
  const { patient, data } = await createPatient(t)
  t.match(await look(database, patient()), [/^ok PostgreSQL 17\.\d+ answers$/])
  const url = new URL(data.url)
  url.pathname = '/nowhere'
  t.same(await look(database, patient({ DATABASE_URL: url.href })), ['problem There is no database of the name that DATABASE_URL has.'])
  t.same(await look(database, patient({ DATABASE_URL: 'postgres://x@127.0.0.1:1/x' })), ['problem The database of DATABASE_URL cannot be reached.'])
  t.match(await look(database, patient({ DATABASE_URL: '' })), [/^skipped/])
})

test('a superuser login is a warning that says which login to make; one that may not take the roles is a problem', async (t) => {
  const { patient, data } = await createPatient(t)
  const [remark] = await remarksOf(roles, patient())
  t.match(remark, {
    outcome: 'warning',
    what: /is a superuser/,
    remedy: /create role tenantry_service login .*grant tenantry_app, tenantry_jobs to tenantry_service/,
  })
  const [bound, weak] = [`bound_${data.name}`, `weak_${data.name}`]
  t.teardown(async () => data.owner.query(`drop role ${bound}; drop role ${weak}`))
  await data.owner.query(`create role ${bound} login password 'x' noinherit; create role ${weak} login password 'x' noinherit`)
  await data.owner.query(`grant tenantry_app, tenantry_jobs to ${bound} with set true, inherit false`)
  const as = (login: string) => {
    const url = new URL(data.url)
    url.username = login
    url.password = 'x'
    return patient({ DATABASE_URL: url.href })
  }
  t.match(await look(roles, as(bound)), [/^ok .* takes tenantry_app and is bound by the policies$/])
  t.match(await look(roles, as(weak)), [/^problem .* may not take tenantry_app$/, /^problem .* may not take tenantry_jobs, and WORKER is on$/])
})

test('a policy that is gone is a problem, and so are migrations that are missing or broke off; newer ones are a warning', async (t) => {
  const { patient, data } = await createPatient(t)
  t.match(await look(walls, patient()), [/^ok/])
  t.match(await look(migrations, patient()), [/^ok all \d+ are applied$/])
  await data.owner.query('drop policy own_tenant_only on entries; alter table members no force row level security')
  t.match(await look(walls, patient()), [/^problem entries has other policies/, /^problem members does not force/])
  await data.owner.query(`insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', '', '29990101000000_next', now())`)
  t.same(await look(migrations, patient()), ['warning the database knows 29990101000000_next, which this release does not'])
  await data.owner.query(
    `delete from _prisma_migrations where migration_name = '29990101000000_next' or migration_name like '%_operator_invitations'`,
  )
  t.same(await look(migrations, patient()), ['problem 1 are not applied: 20261127000200_operator_invitations'])
  await data.owner.query(`update _prisma_migrations set finished_at = null where migration_name like '%_quiet_drafts'`)
  t.match(await look(migrations, patient()), [/^problem 20261124000400_quiet_drafts broke off half-way$/, /^problem 1 are not applied/])
})

test('a clock that is apart from the database’s is a warning, and a problem where codes and tokens suffer', async (t) => {
  const { patient } = await createPatient(t)
  t.match(await look(clock, patient()), [/^ok this machine's clock and the database's are 0\.\d s apart$/])
  t.match(await look(clock, patient({}, { now: () => Date.now() - 10_000 })), [/^warning .* s apart$/])
  t.match(await look(clock, patient({}, { now: () => Date.now() + 60_000 })), [/^problem .* s apart$/])
})

test('a pooler in transaction mode that nobody set is found out, and so is one behind the address that should have none', async (t) => {
  const { patient, data } = await createPatient(t)
  t.same(await look(pooler, patient()), ['ok sessions of our own'])
  const pooled = await startPgBouncer(t, data.url)
  if (!pooled) return
  t.match(await look(pooler, patient({ DATABASE_URL: pooled })), [/^problem DATABASE_URL leads to a pooler in transaction mode/])
  const mode = { DATABASE_POOL_MODE: 'transaction' }
  t.match(await look(pooler, patient({ ...mode, DATABASE_URL: pooled, DATABASE_UNPOOLED_URL: data.url })), [/^ok a pooler/])
  const other = new URL(pooled)
  other.searchParams.set('application_name', 'other')
  t.match(await look(pooler, patient({ ...mode, DATABASE_URL: pooled, DATABASE_UNPOOLED_URL: other.href })), [
    /^problem DATABASE_UNPOOLED_URL leads to a pooler too/,
  ])
  t.match(await look(pooler, patient({ ...mode, DATABASE_UNPOOLED_URL: data.url })), [/^warning DATABASE_POOL_MODE is transaction, and no pooler/])
})
