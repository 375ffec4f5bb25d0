import t from 'tap'
import { connect, superuserUrl } from '../database.ts'
import { createBackupHub } from './backup-hub.ts'

t.test('a backup in a folder is taken, listed and restored with every row, and passes the drill on a server that has never seen us', async (t) => {
  const hub = await createBackupHub(t)
  if (!hub) return
  const taken = await hub.backup(['run'])
  t.match(taken, { code: 0, json: { verified: 'read', migration: /^\d{14}_/, versions: { server: /^17\./, client: /^17\./ } } })
  const { name, tables } = Object(taken.json)
  t.match(tables, { 'public.tenants': 2, 'public.entries': 6, 'public.members': 2, 'graphile_worker.migrations': /^\d+$/ })

  const listed = await hub.backup(['list', '--max-age', '26h'])
  t.match(listed, { code: 0, err: '', json: [{ name, tables: Object.keys(tables).length, encrypted: false, verified: true }] })

  const restored = `restored_${name.slice(-8)}`
  await hub.data.owner.query(`create database ${restored}`)
  t.teardown(() => hub.data.owner.query(`drop database ${restored} with (force)`))
  t.match(await hub.backup(['restore', name, '--to', superuserUrl(restored)]), { code: 0, json: { name, differences: { length: 0 } } })
  const copy = await connect(t, superuserUrl(restored))
  const sorted = 'select * from entries order by tenant_id, id'
  t.same((await copy.query(sorted)).rows, (await hub.data.owner.query(sorted)).rows)

  // Without --into: roles and all are made anew there.
  const drilled = await hub.backup(['drill'])
  t.match(drilled, { code: 0, json: { name, faults: { length: 0 } } })
  const steps = ['read and compare', 'restore', 'count rows', 'migrate', 'policies and grants', 'isolation', 'secrets', 'sign-in']
  t.same(
    Object(drilled.json).steps.map((step: { name: string }) => step.name),
    steps,
  )
  t.match((await hub.backup(['list'])).json, [{ verified: true }])
})
