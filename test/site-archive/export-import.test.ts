import { test } from 'tap'
import { carriedTables } from '../../src/site-archive/travelling-tables.ts'
import { addFullSite, createHub, objectsOf, rowsOf } from './hub.ts'

test('a site goes into another hub with its rows, its secrets and its files, and keeps its id', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const other = await addFullSite(there, 'other')
  const before = await rowsOf(there, other.id)
  const rows = await rowsOf(here, site.id)
  const { archive, exported } = await here.export('cecab')
  t.match(exported, { objects: 3, missing: [], unreadable: [] })
  t.notOk(archive.includes('secret of'), 'it is encrypted')
  const imported = await there.import(archive, { hosts: ['Cecab.example.'] })
  t.match(imported, { tenantId: site.id, slug: 'cecab', status: 'active', objects: 3 })
  const after = await rowsOf(there, site.id)
  for (const table of Object.keys(carriedTables)) {
    const added = table === 'audit_events' ? 1 : 0
    const same = (after[table] ?? []).filter((row) => rows[table]?.includes(row))
    if (table === 'mail_messages') continue
    t.same(same, rows[table], table)
    t.equal(after[table]?.length, (rows[table]?.length ?? 0) + added, table)
  }
  t.same(await objectsOf(there.storage, `tenants/${site.id}/`), await objectsOf(here.storage))
  t.same(await rowsOf(there, other.id), before, 'the other site is as it was')
})
