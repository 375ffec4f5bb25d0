import { test } from 'tap'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { addFullSite, createHub, objectsOf, rowsOf } from './hub.ts'

test('clashes are told all at once, each with its remedy, and nothing is written', async (t) => {
  const hub = await createHub(t)
  const site = await addFullSite(hub, 'cecab')
  const { archive } = await hub.export('cecab')
  const [rows, objects] = [await rowsOf(hub, site.id), await objectsOf(hub.storage)]
  await t.rejects(hub.import(archive, { hosts: ['cecab.example', 'not a host'] }, { quota: 0 }), {
    message: [
      'Nothing was imported:',
      `  The site's id is taken: "cecab" (active) has it. Give --new-id to import a copy beside it.`,
      '  The slug "cecab" is taken by a site that is active: give --as with another one.',
      '  "cecab.example" is proven by another site of this hub: it has to be removed there first.',
      '  "not a host" is no host name. Give one such as www.example.org, without scheme, port or path.',
      `  The site's media take up 1 MB, and MEDIA_QUOTA_MB allows 0: raise it.`,
      '  What is made of its media, and the files of its brand, take up 1 MB, and MEDIA_QUOTA_MB allows 0: raise it.',
      `  The storage already has files below tenants/${site.id}/. Where an import that was killed left them, give --discard-files; where another hub keeps them there, give --new-id.`,
    ].join('\n'),
  })
  await t.rejects(hub.import(archive, { newId: true, as: 'copy', hostsProven: true }), {
    message: /cecab\.example" is proven by another site of this hub.+leave out --hosts-proven/,
  })
  await t.rejects(hub.import(archive, { newId: true, as: 'No Slug' }), { message: /--as "No Slug" is no slug/ })
  t.same(await rowsOf(hub, site.id), rows)
  t.same(await objectsOf(hub.storage), objects)
  const { rows: tenants } = await hub.data.owner.query('select slug from tenants')
  t.same(tenants, [{ slug: 'cecab' }])
})

test('an archive of another schema is refused by its release and migration', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  await addFullSite(here, 'cecab')
  const { archive: old } = await here.export('cecab')
  await there.data.owner.query(
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'x', '29991231000100_later', now())`,
  )
  const { archive: newer } = await there.export((await addFullSite(there, 'newer')).slug)
  await t.rejects(here.import(newer), {
    message: /release 0\.0\.0 with migration 29991231000100_later, which this hub does not have: run "tenantry migrate"/,
  })
  await there.data.owner.query('alter table collections add column colour text')
  await t.rejects(there.import(old), {
    message: /of release 0\.0\.0 with migration 2026\d+_\w+, and since then collections changed \(this hub is at 29991231000100_later\)/,
  })
  await there.data.owner.query('alter table collections drop column colour')
  t.match(await there.import(old), { slug: 'cecab' }, 'an older one whose tables are the same is taken')
})

test('what a deleted site holds comes as a claim, and is told where it was to be proven', async (t) => {
  const hub = await createHub(t)
  await addFullSite(hub, 'cecab')
  const { archive } = await hub.export('cecab')
  t.match(await hub.import(archive, { newId: true, as: 'one', hosts: ['one.example'] }), { leftOut: [{ host: 'cecab.example' }] }, 'control')
  await hub.data.owner.query(`update tenants set status = 'deleted' where slug = 'cecab'`)
  await t.rejects(hub.import(archive, { newId: true, as: 'two', hosts: ['cecab.example'] }), {
    message: /cecab\.example" is kept for the site "cecab", which is deleted: "tenantry host remove cecab cecab\.example" frees it\.$/,
  })
  t.match(await hub.import(archive, { newId: true, as: 'two', hosts: ['two.example'] }), { leftOut: [] })
})

test('a second import waits for the first one', async (t) => {
  const hub = await createHub(t)
  await addFullSite(hub, 'cecab')
  const { archive } = await hub.export('cecab')
  await hub.data.owner.query('select pg_advisory_lock(7236412)')
  await t.rejects(hub.import(archive, { newId: true, as: 'copy' }), { message: 'Another import is under way in this hub: wait for its end.' })
  await hub.data.owner.query('select pg_advisory_unlock(7236412)')
  t.match(await hub.import(archive, { newId: true, as: 'copy' }), { slug: 'copy' })
})

test('what a killed import left is removed where somebody says so', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const { id } = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  await tenantStorage(there.storage, id).put('media/left/original', Buffer.from('left'), { contentType: 'image/png' })
  await t.rejects(there.import(archive), { message: /The storage already has files/ })
  await there.import(archive, { discardFiles: true })
  t.same(await objectsOf(there.storage), await objectsOf(here.storage))
})
