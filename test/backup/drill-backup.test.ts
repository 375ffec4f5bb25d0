import t from 'tap'
import { readVerification } from '../../src/backup/backup-store.ts'
import { drillBackup } from '../../src/backup/drill/drill-backup.ts'
import { StorageFailure } from '../../src/storage/object-storage.ts'
import { createBackupSource } from './backup-source.ts'
import { addDriller } from './driller.ts'

t.test('the drill tells what does not hold, vouches for nothing then, and leaves no database behind', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { owner } = source.data
  const { login, serverUrl } = await addDriller(t, source.data)
  const drill = () => {
    const lament = { name: 'lament', prove: async () => ['it rains'] }
    return drillBackup({ ...source, identity: undefined }, { name: undefined, serverUrl, proofs: [lament] })
  }
  const rows = (await owner.query('select id from tenants')).rows
  for (const { id } of rows) await owner.query("insert into roles (tenant_id, id, slug, name) values ($1, gen_random_uuid(), 'x', 'X')", [id])
  const { manifest } = await source.take()
  t.same((await drill()).faults, ['it rains'], 'what is asked besides counts')
  t.equal(await readVerification(source.storage, manifest.name), undefined)

  await owner.query('drop policy own_tenant_only on roles; alter table members no force row level security; grant truncate on roles to tenantry_app')
  await owner.query('create policy everybody on roles using (true)')
  await source.take()
  const { faults } = await drill()
  t.match(faults.join('\n'), /roles has other policies than the two/)
  t.match(faults.join('\n'), /members does not force row-level security/)
  t.match(faults.join('\n'), /the app role may truncate roles/)
  // What the isolation check finds by asking, whatever the policies say.
  for (const { id } of rows) t.ok(faults.includes(`roles shows 1 rows of others to site ${id}`))
  t.ok(faults.includes('roles shows 2 rows to a query without a site'))
  t.same((await owner.query('select datname from pg_database where datdba = $1::regrole', [login])).rows, [])
})

t.test('a place that does not take the note loses nothing of the report', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { owner } = source.data
  await owner.query("insert into roles (tenant_id, id, slug, name) select id, gen_random_uuid(), 'x', 'X' from tenants")
  await source.take()
  const { serverUrl } = await addDriller(t, source.data)
  const storage = { ...source.storage, put: () => Promise.reject(new StorageFailure('refused')) }
  const report = await drillBackup({ ...source, storage, identity: undefined }, { name: undefined, serverUrl, proofs: [] })
  t.match(report, { faults: { length: 0 }, unnoted: { reason: 'refused' }, steps: { length: 6 } })
})
