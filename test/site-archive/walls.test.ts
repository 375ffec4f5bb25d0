import { test } from 'tap'
import { addFullSite, createHub, rowsOf } from './hub.ts'

test('an archive holds rows of its own site, also where a wall of the database is down', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const [site, other] = [await addFullSite(here, 'cecab'), await addFullSite(here, 'other')]
  for (const table of ['members', 'media', 'media_usage']) await here.data.owner.query(`alter table ${table} no force row level security`)
  const { archive, exported } = await here.export('cecab')
  const rows = Object.fromEntries(exported.manifest.tables.map((table) => [table.name, table.rows]))
  const { rows: sizes } = await here.data.owner.query('select tenant_id as id, bytes::int from media_usage')
  t.equal(exported.manifest.mediaBytes, sizes.find(({ id }) => id === site.id)?.bytes)
  t.match([rows.members, rows.media, exported.objects, sizes.length], [1, 1, 3, 2])
  await there.import(archive)
  const { rows: members } = await there.data.owner.query('select id from members')
  t.same(members, [{ id: site.id }])
  t.equal((await rowsOf(here, other.id)).members?.length, 1, 'control')
})

test('nothing is imported into a database that does not keep tenants apart', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  const { owner } = there.data
  const faults = {
    'alter table members no force row level security': 'alter table members force row level security',
    'alter table members disable row level security': 'alter table members enable row level security',
    'create policy open on members using (true)': 'drop policy open on members',
    'alter table media_usage no force row level security': 'alter table media_usage force row level security',
  }
  for (const [fault, mended] of Object.entries(faults)) {
    await owner.query(fault)
    await t.rejects(there.import(archive), { message: /does not keep the rows of (members|media_usage) apart: "tenantry doctor" says/ }, fault)
    await owner.query(mended)
  }
  t.match(await there.import(archive), { slug: 'cecab' }, 'control')
})
