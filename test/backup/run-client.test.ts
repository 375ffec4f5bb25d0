import pg from 'pg'
import t from 'tap'
import { connectionOf } from '../../src/backup/run-client.ts'
import { superuserUrl } from '../database.ts'
import { createBackupHub } from './backup-hub.ts'

const env = (query: string) => {
  const connectionString = `postgresql://u%40x:p%2Fw@[::1]:5433/d%20b${query}`
  return connectionOf(connectionString, new pg.Client({ connectionString }))
}

t.test('pg_dump and pg_restore look at a certificate as strictly as the service does', async (t) => {
  const plain = { PGHOST: '::1', PGPORT: '5433', PGUSER: 'u@x', PGPASSWORD: 'p/w', PGDATABASE: 'd b', PGCONNECT_TIMEOUT: '10' }
  t.same(env(''), plain)
  t.same(env('?sslmode=disable'), { ...plain, PGSSLMODE: 'disable' })
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
    t.same(env(`?sslmode=${mode}`), { ...plain, PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }, mode)
  }
  t.same(env('?sslmode=require&sslrootcert=package.json'), { ...plain, PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'package.json' })
  t.same(env('?sslmode=no-verify'), { ...plain, PGSSLMODE: 'require' })
})

t.test('a password in the environment reaches every program, and none has to be an argument', async (t) => {
  const hub = await createBackupHub(t)
  if (!hub) return
  const taken = await hub.backup(['run'])
  t.equal(taken.code, 0, taken.err)
  const name = `${hub.data.name}_copy`
  await hub.data.owner.query(`create database ${name}`)
  t.teardown(() => hub.data.owner.query(`drop database ${name} with (force)`))
  const url = new URL(superuserUrl(name))
  const { password } = url
  url.password = ''
  t.match(await hub.backup(['restore'], { RESTORE_DATABASE_URL: url.href, PGPASSWORD: password }), { code: 0, json: { differences: { length: 0 } } })
  t.match(await hub.backup(['restore']), { code: 1, err: /^RESTORE_DATABASE_URL must be set, or --to given/ })
})
