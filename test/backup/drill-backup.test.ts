import t from 'tap'
import { readVerification } from '../../src/backup/backup-store.ts'
import { drillBackup } from '../../src/backup/drill/drill-backup.ts'
import { superuserUrl } from '../database.ts'
import { createBackupSource } from './backup-source.ts'

t.test('the drill tells what does not hold, vouches for nothing then, and leaves no database behind', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { owner } = source.data
  const drill = () => {
    const lament = { name: 'lament', prove: async () => ['it rains'] }
    return drillBackup({ ...source, identity: undefined }, { name: undefined, serverUrl: superuserUrl('postgres'), proofs: [lament] })
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
  const left = await owner.query("select datname from pg_database where datname like 'tenantry_drill_%'")
  t.same(left.rows, [])
})
